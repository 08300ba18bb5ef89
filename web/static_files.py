"""Style sheets and scripts of our own, with names that change when their content does, so that they may be kept."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"


@cache
def asset(name: str) -> str:
    """The address of a file in `static/`, with the first digits of its content's hash."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


class KeptStaticFiles(StaticFiles):
    """May be kept for a year: another content has another address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 404:
            raise HTTPException(404)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

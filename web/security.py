"""What every response carries and no request may do: headers, size of a body, writes sent from other sites."""

import hmac
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.audit import origin

MAX_BODY_BYTES = 2_000_000
UPLOAD_PATHS = ("/a/", "/import")  # where forms carry files

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; frame-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# A mail's HTML: its own inline styles and pictures inside the message, no script, no form, nothing from outside;
# links open in a window of their own, as in a mail program.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)

PAGE_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware: headers on every response, a limit on every body, no writes sent from other sites.

    A route that sets one of the headers itself keeps its own value. HEAD is answered as GET without the body: scanners
    of mails ask that way. `refuse(scope, status)` makes the page that says no; `wait_for(scope)` tells how many seconds
    the asker has to wait first, before anything is read or looked up.
    """

    def __init__(
        self,
        app: ASGIApp,
        refuse: Callable[[Scope, HTTPStatus], ASGIApp],
        max_body_bytes: int = MAX_BODY_BYTES,
        max_upload_bytes: int = MAX_BODY_BYTES,
        wait_for: Callable[[Scope], int] = lambda _scope: 0,
    ) -> None:
        self.app = app
        self.refuse = refuse
        self.max_body_bytes = max_body_bytes
        self.max_upload_bytes = max_upload_bytes
        self.wait_for = wait_for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        origin.set(f"web {address_of(scope)}")
        if wait := self.wait_for(scope):
            await _too_often(wait)(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PAGE_HEADERS.items():
                    headers.setdefault(name, value)
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        headers = Headers(scope=scope)
        with_files = headers.get("content-type", "").startswith("multipart/form-data")
        is_upload = with_files and scope["path"].startswith(UPLOAD_PATHS)
        longest = self.max_upload_bytes if is_upload else self.max_body_bytes
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > longest:  # the body was longer than it said, or did not say
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        status = self._refused(headers, scope["method"], longest)
        app = self.app if status is None else self.refuse(scope, status)
        await app({**scope, "method": "GET"} if is_head else scope, receive_limited, send_guarded)

    def _refused(self, headers: Headers, method: str, longest: int) -> HTTPStatus | None:
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > longest:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        # `Origin` is `null` under our own Referrer-Policy; Sec-Fetch-Site is what browsers still tell the truth with.
        if method not in ("GET", "HEAD") and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return HTTPStatus.FORBIDDEN
        return None


def _too_often(wait_seconds: int) -> PlainTextResponse:
    """Costs nothing to make: whoever gets it asks thousands of times."""
    words = f"요청이 너무 많습니다. {wait_seconds}초 뒤에 다시 열어 주세요.\n"
    words += f"Too many requests; try again in {wait_seconds} seconds.\n"
    headers = {**PAGE_HEADERS, "Retry-After": str(wait_seconds)}
    return PlainTextResponse(words, HTTPStatus.TOO_MANY_REQUESTS, headers)


def address_of(scope: Scope) -> str:
    """Where the request comes from, as the server below knows it."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def form_token(secret_key: str, bound_to: str) -> str:
    """The hidden field of a form: only who may see the page of `bound_to` (a link, a session) can know it."""
    return hmac.new(secret_key.encode(), f"form:{bound_to}".encode(), sha256).hexdigest()


def is_form_token(secret_key: str, bound_to: str, given: str) -> bool:
    return hmac.compare_digest(form_token(secret_key, bound_to).encode(), given.encode("utf-8", "replace"))


def token_hash(token: str) -> str:
    """How a token is stored: only its hash is at rest."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()

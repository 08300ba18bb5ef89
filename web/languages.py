"""Which language a page is in: Korean, unless somebody has asked this browser for English by the switch in the foot.

What the browser says of its languages is not asked: an office's computers are often set to English by their maker, and
the pages are Korean first.
"""

from enum import StrEnum
from typing import NamedTuple

from fastapi import Request, Response

from web.access import is_https
from web.office import office_of

COOKIE = "dday_language"
KEPT_SECONDS = 365 * 24 * 3600


class Language(StrEnum):
    KOREAN = "ko"
    ENGLISH = "en"


class Switch(NamedTuple):
    """The way to the same page in the other language; `address` is relative, for a page's own address may be secret."""

    to: Language
    name: str
    address: str


def language_of(request: Request) -> Language:
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in tuple(Language):
            return Language(asked)
    return Language.KOREAN


def switch_of(request: Request) -> Switch | None:
    """None where the page answers a form: it cannot be asked for again without sending the form."""
    if request.method not in ("GET", "HEAD"):
        return None
    to = Language.KOREAN if language_of(request) is Language.ENGLISH else Language.ENGLISH
    asked = request.url.include_query_params(lang=to.value)
    return Switch(to, "한국어" if to is Language.KOREAN else "English", f"?{asked.query}")


def keep_language(request: Request, response: Response) -> None:
    """What was asked for by the switch holds for the pages that follow."""
    asked = request.query_params.get("lang")
    if asked in tuple(Language) and asked != request.cookies.get(COOKIE):
        secure = is_https(office_of(request).settings)
        response.set_cookie(COOKIE, asked, max_age=KEPT_SECONDS, httponly=True, samesite="lax", secure=secure)

"""Turns a template and its values into a page: filters, the band of a drill, the navigation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session

from models import Installation
from models.database import read
from schedules import words
from web import english_words
from web.access import (
    keep_session,
    leads_something,
    reads_office,
    reads_something,
    viewer_of,
)
from web.catalogue import by_number, en, in_english, in_korean, phrase, word
from web.languages import Language, keep_language, language_of, switch_of
from web.office import Office, office_of
from web.sign_in import SignedIn
from web.static_files import asset
from web.translation import EnglishEnvironment

HERE = Path(__file__).parent


class Entry(NamedTuple):
    """A line of the menu, for those whom the page's own route lets in."""

    path: str
    title: str
    is_for: Callable[[SignedIn], bool] = reads_something
    beside: tuple[str, ...] = ()  # other pages that it leads to


NAVIGATION = (
    Entry("/", "오늘"),
    Entry("/projects", "사업·일정", beside=("/milestones", "/documents", "/import")),
    Entry("/timeline", "일정표"),
    Entry("/preview", "발송 예정", reads_office, beside=("/days",)),
    Entry("/rounds", "정기 취합", beside=("/schedules",)),
    Entry("/inbox", "받은 알림", leads_something),
    Entry("/outbox", "발송 기록", beside=("/paper", "/mailbox")),
    Entry("/findings", "확인할 내용"),
    Entry("/people", "담당자", beside=("/absences",)),
    Entry("/rules", "알림 규칙", reads_office),
    Entry("/health", "상태 점검", reads_office, beside=("/tables",)),
    Entry("/audit", "감사 기록", reads_office),
)


@dataclass(frozen=True, slots=True)
class Drill:
    """The band on every page of a drill: the clock is not the wall's, or the database was made for practice."""

    now: datetime
    is_shifted: bool


def drill_of(office: Office, session: Session) -> Drill | None:
    installation = session.get(Installation, 1)
    is_shifted = office.settings.time_shift() != 0
    if is_shifted or (installation is not None and installation.drill_since is not None):
        return Drill(office.now(), is_shifted)
    return None


def _menu(viewer: SignedIn | None) -> list[Entry]:
    if viewer is None or viewer.needs_code:
        return []
    return [entry for entry in NAVIGATION if entry.is_for(viewer)]


def render(request: Request, template: str, status_code: int = 200, /, **values: object) -> HTMLResponse:
    """The page in the browser's language; `viewer`, `csrf`, `drill`, `today` and `now` are always there."""
    office = office_of(request)
    today = office.today()
    viewer = viewer_of(request)
    language = language_of(request)
    said = _SAID[language]
    if "drill" not in values:
        with read(office.engine) as session:
            values["drill"] = drill_of(office, session)
    page = (
        _environment(language)
        .get_template(template)
        .render(
            viewer=viewer,
            csrf=viewer.csrf(office.settings) if viewer else "",
            navigation=_menu(viewer),
            now=office.now(),
            today=today,
            path=request.url.path,
            settings=office.settings,
            language_switch=switch_of(request),
            moment=lambda at: said.moment(office.local(at)),
            near_moment=lambda at: said.near_moment(office.local(at), today),
            near_day=lambda on: said.near_day(on, today),
            window=lambda m: said.window(m.raw, m.start_on, m.end_on, today),
            **values,
        )
    )
    response = HTMLResponse(page, status_code)
    keep_session(request, response)
    keep_language(request, response)
    return response


class Said(NamedTuple):
    """How a language says days and values."""

    day: Callable[[date], str]
    near_day: Callable[[date, date], str]
    moment: Callable[[datetime], str]
    near_moment: Callable[[datetime, date], str]
    month_name: Callable[[date], str]
    span: Callable[..., str]
    window: Callable[..., str]
    moved_deadline: Callable[[date, date, date], str]
    text: Callable[..., str]
    word: Callable[[StrEnum], str]
    phrase: Callable[[str, str], str]
    beside: Callable[[str], str]  # what stands small beside a heading


def _of(language: ModuleType, text: Callable[..., str], beside: Callable[[str], str]) -> Said:
    return Said(
        language.day,
        language.near_day,
        language.moment,
        language.near_moment,
        language.month_name,
        language.span,
        language.window,
        language.moved_deadline,
        text,
        lambda value: text(word(value)),
        lambda kind, value: text(phrase(kind, value)),
        beside,
    )


_SAID = {
    Language.KOREAN: _of(words, in_korean, en),
    Language.ENGLISH: _of(english_words, in_english, lambda _korean: ""),
}
_made: dict[Language, Environment] = {}


def _environment(language: Language) -> Environment:
    if language not in _made:
        said = _SAID[language]
        kind = EnglishEnvironment if language is Language.ENGLISH else Environment
        environment = kind(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        if isinstance(environment, EnglishEnvironment):
            environment.find = en
        environment.filters.update(
            day=said.day,
            month_name=said.month_name,
            amount=words.amount,
            shortened=words.shortened,
            en=said.beside,
            word=said.word,
            size=words.size,
        )
        environment.globals.update(
            {"_": said.text},
            language=language.value,
            by_number=by_number,
            d_day=words.d_day,
            moved_deadline=said.moved_deadline,
            span=said.span,
            post_name=words.post_name,
            phrase=said.phrase,
            window_of=said.window,
            asset=asset,
        )
        _made[language] = environment
    return _made[language]

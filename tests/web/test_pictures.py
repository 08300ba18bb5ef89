"""Every page in every state in a real browser, at two widths: readable, whole, kept as a picture.

A route that shows a page and is not in the table fails here; so does a page that scrolls sideways, that axe finds fault
with, or that breaks its own policy.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

import migrations
from models import Role
from models.database import create_schema, make_engine
from tests.web.browsing import DESK, PHONE, assert_readable, context, keep_picture, serving
from tests.web.busy_office import EmptyOffice, fill
from tests.web.office import WebOffice
from tests.web.test_routes import routes

STRANGER, ADMIN, AUDITOR, LEAD = "stranger", "admin", "auditor", "lead"

# By route the addresses that show it, each as somebody sees it.
PAGES: dict[str, tuple[tuple[str, str], ...]] = {
    "/": ((ADMIN, "/"), (AUDITOR, "/"), (LEAD, "/"), (STRANGER, "/")),
    "/a/{token}": (
        (STRANGER, "/a/{token}"),
        (STRANGER, "/a/{token}?sent={reports}"),
        (STRANGER, "/a/{token}?said=nothing"),
        (STRANGER, "/a/{told}"),
        (STRANGER, "/a/{expired}"),
        (STRANGER, "/a/made-up"),
    ),
    "/a/{token}/again/{milestone_id}": ((STRANGER, "/a/{token}/again/{done}"),),
    "/a/{token}/receipt": ((STRANGER, "/a/{token}/receipt?reports={reports}"),),
    "/a/{token}/pass": ((STRANGER, "/a/{token}/pass"), (STRANGER, "/a/{token}/pass?said=passed")),
    "/a/{token}/settings": ((STRANGER, "/a/{token}/settings"),),
    "/a/{token}/escalations": ((STRANGER, "/a/{told}/escalations"), (STRANGER, "/a/{token}/escalations")),
    "/escalations": ((ADMIN, "/escalations"), (AUDITOR, "/escalations")),
    "/login": ((STRANGER, "/login"),),
    "/login/{token}": ((STRANGER, "/login/used-up"),),
    "/bye": ((STRANGER, "/bye"),),
    "/account": ((ADMIN, "/account"), (LEAD, "/account")),
    "/account/codes": ((LEAD, "/account/codes"), (ADMIN, "/account/codes")),
    "/projects": ((ADMIN, "/projects"), (ADMIN, "/projects?q=없는 사업"), (LEAD, "/projects"), (STRANGER, "/projects")),
    "/projects/{project_id}": ((ADMIN, "/projects/{project}"), (LEAD, "/projects/{project}")),
    "/projects/{project_id}/supporting": ((ADMIN, "/projects/{project}/supporting"),),
    "/milestones": ((ADMIN, "/milestones"), (ADMIN, "/milestones?q=없는 일정")),
    "/milestones/move": ((ADMIN, "/milestones/move?milestone=1&milestone=2"),),
    "/milestones/{milestone_id}/check-day": (
        (ADMIN, "/milestones/1/check-day"),
        (ADMIN, "/milestones/{done}/check-day"),
    ),
    "/milestones/{milestone_id}/why": ((ADMIN, "/milestones/1/why"),),
    "/documents": ((ADMIN, "/documents"),),
    "/documents/{document_id}": ((ADMIN, "/documents/{document}"),),
    "/import": ((ADMIN, "/import"), (ADMIN, "/import?said=stored")),
    "/import/{draft_id}": ((ADMIN, "/import/{draft}"),),
    "/import/{draft_id}/text": ((ADMIN, "/import/{draft}/text?line=300"),),
    "/import/{draft_id}/doubts": ((ADMIN, "/import/{draft}/doubts"), (ADMIN, "/import/{draft}/doubts?saved=1")),
    "/timeline": ((ADMIN, "/timeline"), (LEAD, "/timeline")),
    "/preview": ((ADMIN, "/preview"), (ADMIN, "/preview?view=week")),
    "/people": ((ADMIN, "/people"), (LEAD, "/people")),
    "/people/on": ((ADMIN, "/people/on"), (ADMIN, "/people/on?day=2024. 9. 2.")),
    "/people/assign": ((ADMIN, "/people/assign?post=1"),),
    "/reorganisations": ((ADMIN, "/reorganisations"), (AUDITOR, "/reorganisations")),
    "/days": ((ADMIN, "/days"), (AUDITOR, "/days")),
    "/absences": ((ADMIN, "/absences"),),
    "/rounds": ((ADMIN, "/rounds"), (LEAD, "/rounds")),
    "/rounds/{round_id}": ((ADMIN, "/rounds/{round}"), (LEAD, "/rounds/{round}")),
    "/rounds/{round_id}/changes": ((ADMIN, "/rounds/{round}/changes"),),
    "/rounds/{round_id}/requests/{request_id}": ((ADMIN, "/rounds/{round}/requests/{request}"),),
    "/inbox": ((LEAD, "/inbox"), (ADMIN, "/inbox")),
    "/inbox/{message_id}": ((LEAD, "/inbox/{message}"),),
    "/outbox": ((ADMIN, "/outbox"), (ADMIN, "/outbox?state=failed"), (LEAD, "/outbox")),
    "/outbox/{message_id}": ((ADMIN, "/outbox/{message}"), (ADMIN, "/outbox/{failed}")),
    "/outbox/{message_id}/again": ((ADMIN, "/outbox/{failed}/again"),),
    "/paper": ((ADMIN, "/paper?after=0"),),
    "/mailbox": ((ADMIN, "/mailbox"),),
    "/mailbox/{name}": ((ADMIN, "/mailbox/{mail}"),),
    "/findings": ((ADMIN, "/findings"), (ADMIN, "/findings?show=settled")),
    "/rules": ((ADMIN, "/rules"), (AUDITOR, "/rules"), (LEAD, "/rules")),
    "/rules/new": ((ADMIN, "/rules/new"),),
    "/rules/{rule_id}": ((ADMIN, "/rules/1"),),
    "/rules/{rule_id}/off": ((ADMIN, "/rules/1/off"),),
    "/schedules": ((ADMIN, "/schedules"),),
    "/schedules/new": ((ADMIN, "/schedules/new"),),
    "/schedules/{schedule_id}": ((ADMIN, "/schedules/{schedule}"),),
    "/health": ((ADMIN, "/health"),),
    "/tables": ((ADMIN, "/tables"),),
    "/tables/{name}": (
        (ADMIN, "/tables/notification"),
        (ADMIN, "/tables/notification?by=id&value=열"),
        (ADMIN, "/tables/absence"),
    ),
    "/tables/{name}/{key}": ((ADMIN, "/tables/notification/1"), (ADMIN, "/tables/notification/999")),
    "/audit": ((ADMIN, "/audit"), (ADMIN, "/audit?actor=없는 사람")),
    "/activate": ((ADMIN, "/activate"),),
    "/sending": ((ADMIN, "/sending"), (AUDITOR, "/sending")),
    "nowhere": ((ADMIN, "/nothing"), (STRANGER, "/nothing")),
}
# What these answer with is a file, or a mail in a frame of its own.
NO_PAGES = {
    "/a/{token}/files/{attachment_id}",
    "/files/{attachment_id}",
    "/calendar/{token}.ics",
    "/reports",
    "/paper.csv",
    "/audit.csv",
    "/outbox/{message_id}/html",
    "/mailbox/{name}/html",
    "/mailbox/{name}/raw",
    "/mailbox/{name}/files/{position}",
    "/healthz",
    "/readyz",
}
# Pages that answer a form which cannot be taken: the address and what the form is sent to, emptied first.
REFUSED = (
    (STRANGER, "/login", "/login"),
    (ADMIN, "/import", "/import"),
    (ADMIN, "/rounds", "/rounds"),
    (ADMIN, "/days", "/days"),
    (ADMIN, "/absences", "/absences"),
    (ADMIN, "/reorganisations", "/reorganisations"),
    (ADMIN, "/schedules/new", "/schedules/save"),
    (ADMIN, "/rules/new", "/rules/save"),
    (ADMIN, "/milestones/move?milestone=1&milestone=2", "/milestones/move"),
    (ADMIN, "/people/assign?post=1", "/people/assign"),
    (ADMIN, "/sending", "/sending/stop"),
    (LEAD, "/account", "/account/password"),
    (LEAD, "/account/codes", "/account/codes"),
    (STRANGER, "/a/{token}/pass", "/a/{token}/pass"),
    (STRANGER, "/a/{token}/again/{done}", "/a/{token}"),
)
WAYS = {"phone": (PHONE, "ko"), "desk": (DESK, "ko"), "phone in English": (PHONE, "en")}

browser_only = pytest.mark.browser


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On a phone always; at a desk too where the pictures are kept, which takes some minutes."""
    if "way" in metafunc.fixturenames:
        names = list(WAYS) if metafunc.config.getoption("pictures") else ["phone"]
        metafunc.parametrize("way", [WAYS[name] for name in names], ids=names, scope="module")


def test_every_route_that_shows_a_page_is_in_the_table(office: WebOffice) -> None:
    shown = {path for method, path in routes(office.app) if method == "GET"} - NO_PAGES
    assert shown - set(PAGES) == set(), "no picture is taken of these"
    assert set(PAGES) - shown == {"nowhere"}


class Visitors:
    """A browser for each kind of visitor, at one width and in one language."""

    def __init__(self, browser: Browser, office: WebOffice, address: str, size: tuple[int, int], lang: str) -> None:
        self.address, self.lang = address, lang
        self.complaints: list[str] = []
        sessions = {ADMIN: office.admin(), AUDITOR: office.member((Role.AUDITOR, None))}
        team = getattr(office, "team", None)
        sessions[LEAD] = office.member((Role.LEAD, team)) if team else office.member((Role.AUDITOR, None))
        self.pages = {STRANGER: self._page(context(browser, size), {})}
        for who, client in sessions.items():
            self.pages[who] = self._page(context(browser, size), dict(client.cookies.items()))

    def _page(self, opened: BrowserContext, cookies: dict[str, str]) -> Page:
        given = cookies | ({"dday_language": "en"} if self.lang == "en" else {})
        if given:
            opened.add_cookies([{"name": name, "value": value, "url": self.address} for name, value in given.items()])
        page = opened.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if "Policy" in said.text else None)
        return page

    def look(self, who: str, path: str) -> Page:
        page = self.pages[who]
        page.goto(self.address + path)
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        return page

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebOffice, str, dict[str, object]]]:
    folder = tmp_path_factory.mktemp("busy")
    engine = make_engine(f"sqlite:///{folder / 'dday.db'}")
    create_schema(engine)
    migrations.stamp(engine)
    office = WebOffice(engine, folder / "data", extra=25)
    names = fill(office)
    with serving(office, patience_seconds=60) as address:
        yield office, address, names
    engine.dispose()


@pytest.fixture(scope="module")
def visitors(
    way: tuple[tuple[int, int], str], browser: Browser, busy: tuple[WebOffice, str, dict[str, object]]
) -> Iterator[Visitors]:
    size, lang = way
    found = Visitors(browser, busy[0], busy[1], size, lang)
    yield found
    found.close()


@browser_only
@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_readable(
    busy: tuple[WebOffice, str, dict[str, object]], visitors: Visitors, route: str, pictures: Path | None
) -> None:
    names = busy[2]
    for who, path in PAGES[route]:
        assert_readable(visitors.look(who, path.format(**names)))
        if pictures is not None:
            keep_picture(visitors.pages[who], _folder(pictures, who, visitors.lang))
    assert visitors.complaints == []


@browser_only
@pytest.mark.parametrize(("who", "path", "action"), REFUSED, ids=[action for _, _, action in REFUSED])
def test_a_refused_form_is_readable_and_marks_what_is_wrong(
    busy: tuple[WebOffice, str, dict[str, object]],
    visitors: Visitors,
    who: str,
    path: str,
    action: str,
    pictures: Path | None,
) -> None:
    names = busy[2]
    page = visitors.look(who, path.format(**names))
    with page.expect_navigation() as sent:
        page.evaluate(EMPTY_AND_SEND, action.format(**names))
    assert sent.value is not None
    assert sent.value.status == 422, f"{action}: {sent.value.status}"
    assert page.locator("[role=alert], .field-error").first.is_visible(), f"{action} does not say why"
    assert page.locator("[aria-invalid=true]").count(), f"{action} marks no field"
    assert_readable(page)
    if pictures is not None:
        keep_picture(page, _folder(pictures, f"refused-{who}", visitors.lang))
    assert visitors.complaints == []


EMPTY_AND_SEND = """action => {
  const form = [...document.querySelectorAll("form")].find(one => new URL(one.action).pathname === action
    && one.method === "post");
  form.noValidate = true;
  for (const field of form.elements) {
    if (field.matches("textarea, input[type=text], input[type=email], input[type=password], input[type=number]"))
      field.value = "";
    if (field.matches("input[type=checkbox]:not([name=milestone])")) field.checked = false;
  }
  const button = form.querySelector("button[type=submit]:not([name]), button:not([type]):not([name])");
  form.requestSubmit(button ?? undefined);
}"""

EMPTY_PAGES = sorted(
    path for path in PAGES if "{" not in path and path not in ("nowhere", "/milestones/move", "/people/assign")
)


@browser_only
def test_a_page_of_an_office_that_has_nothing_yet_is_readable(
    browser: Browser, tmp_path: Path, way: tuple[tuple[int, int], str], pictures: Path | None
) -> None:
    size, lang = way
    engine = make_engine(f"sqlite:///{tmp_path / 'dday.db'}")
    create_schema(engine)
    office = EmptyOffice(engine, tmp_path / "data")
    with serving(office) as address:
        visitors = Visitors(browser, office, address, size, lang)
        for path in EMPTY_PAGES:
            page = visitors.look(ADMIN, path)
            assert_readable(page)
            assert len(re.sub(r"\s", "", page.locator("main").inner_text())) > 20, f"{path} says nothing"
            if pictures is not None:
                keep_picture(page, _folder(pictures, "empty", lang))
        visitors.close()
    engine.dispose()


def _folder(pictures: Path, who: str, lang: str) -> Path:
    folder = pictures / f"{who}-{lang}"
    folder.mkdir(exist_ok=True)
    return folder

"""Every route as everybody: a new route that is not in the table fails here."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from fastapi.routing import APIRoute
from sqlmodel import select

from models import Role, StatusRequest
from models.database import read
from tests.web.office import WebOffice, fields, submit

STRANGER, ADMIN, AUDITOR, UNIT_ADMIN, REVIEWER, LEAD, OUTSIDER = (
    "stranger",
    "admin",  # of the whole office
    "auditor",  # of the whole office
    "admin of the department",
    "reviewer of the department",
    "lead of the team",
    "admin of another bureau",
)
MEMBERS = (ADMIN, AUDITOR, UNIT_ADMIN, REVIEWER, LEAD, OUTSIDER)
EVERYBODY = (STRANGER, *MEMBERS)

OFFICE = (ADMIN, AUDITOR)
REVIEWERS = (ADMIN, UNIT_ADMIN, REVIEWER, OUTSIDER)
ADMINS = (ADMIN, UNIT_ADMIN, OUTSIDER)


class Route(NamedTuple):
    """Who is let in, and the status that they get; those in whose units the row does not lie (`outside`) get
    `elsewhere`.

    `address` fills the route's parameters with things that exist. A form is sent with the session's token and nothing
    else: `status` is the answer to that.
    """

    lets_in: tuple[str, ...]
    status: int = 200
    address: str = ""
    elsewhere: int | None = None
    outside: tuple[str, ...] = (OUTSIDER,)


ROUTES = {
    ("GET", "/"): Route(MEMBERS),
    ("GET", "/a/{token}"): Route(EVERYBODY),
    ("POST", "/a/{token}"): Route((), address="/a/{token}"),  # without the form's own token
    ("POST", "/a/{token}/seen"): Route((), address="/a/{token}/seen"),
    ("GET", "/a/{token}/again/{milestone_id}"): Route(EVERYBODY, 303, "/a/{token}/again/1"),
    ("GET", "/a/{token}/receipt"): Route(EVERYBODY, 303, "/a/{token}/receipt?reports=1"),
    ("GET", "/a/{token}/pass"): Route(EVERYBODY),
    ("POST", "/a/{token}/pass"): Route((), address="/a/{token}/pass"),
    ("POST", "/a/{token}/pass/{delegation_id}/back"): Route((), address="/a/{token}/pass/1/back"),
    ("GET", "/a/{token}/escalations"): Route(EVERYBODY),
    ("POST", "/a/{token}/escalations"): Route((), address="/a/{token}/escalations"),
    ("GET", "/escalations"): Route(OFFICE),
    ("POST", "/escalations"): Route((ADMIN,), 422),
    ("POST", "/a/{token}/accept"): Route((), address="/a/{token}/accept"),
    ("GET", "/a/{token}/settings"): Route(EVERYBODY),
    ("POST", "/a/{token}/settings"): Route((), address="/a/{token}/settings"),
    ("POST", "/a/{token}/calendar"): Route((), address="/a/{token}/calendar"),
    ("POST", "/a/{token}/calendar/stop"): Route((), address="/a/{token}/calendar/stop"),
    ("GET", "/calendar/{token}.ics"): Route(EVERYBODY, 404, "/calendar/nothing.ics"),
    ("GET", "/a/{token}/files/{attachment_id}"): Route(EVERYBODY, 404, "/a/{token}/files/1"),
    ("GET", "/files/{attachment_id}"): Route(MEMBERS, 404, "/files/1"),
    ("GET", "/login"): Route(EVERYBODY),
    ("POST", "/login"): Route(()),  # without the browser's own token
    ("POST", "/login/code"): Route(()),
    ("GET", "/account"): Route(MEMBERS),
    ("POST", "/account/password"): Route(MEMBERS, 422, elsewhere=404, outside=(ADMIN,)),
    ("GET", "/account/codes"): Route(MEMBERS, elsewhere=404, outside=(ADMIN,)),
    ("POST", "/account/codes"): Route(MEMBERS, 422, elsewhere=404, outside=(ADMIN,)),
    ("GET", "/login/{token}"): Route(EVERYBODY, 410, "/login/used-up"),
    ("POST", "/login/{token}"): Route(EVERYBODY, 410, "/login/used-up"),
    ("POST", "/logout"): Route(MEMBERS, 303),
    ("GET", "/bye"): Route(EVERYBODY),
    ("GET", "/projects"): Route(MEMBERS),
    ("GET", "/projects/{project_id}"): Route(MEMBERS, address="/projects/{project}", elsewhere=404),
    ("GET", "/projects/{project_id}/supporting"): Route(
        ADMINS, address="/projects/{project}/supporting", elsewhere=404
    ),
    ("POST", "/projects/{project_id}/supporting"): Route(ADMINS, 422, "/projects/{project}/supporting", elsewhere=404),
    ("POST", "/projects/{project_id}/supporting/{supporting_id}/remove"): Route(
        ADMINS, 404, "/projects/{project}/supporting/1/remove"
    ),
    ("GET", "/milestones"): Route(MEMBERS),
    ("GET", "/milestones/move"): Route(ADMINS, address="/milestones/move?milestone=1"),
    ("POST", "/milestones/move"): Route(ADMINS, 422),
    ("GET", "/documents"): Route(MEMBERS),
    ("GET", "/documents/{document_id}"): Route(
        MEMBERS, address="/documents/{document}", elsewhere=404, outside=(OUTSIDER, LEAD)
    ),
    ("GET", "/import"): Route((ADMIN,)),
    ("POST", "/import"): Route((ADMIN,), 422),
    ("GET", "/import/{draft_id}"): Route((ADMIN,), 404, "/import/1"),
    ("GET", "/import/{draft_id}/text"): Route((ADMIN,), 404, "/import/1/text"),
    ("POST", "/import/{draft_id}/as-of"): Route((ADMIN,), 404, "/import/1/as-of"),
    ("GET", "/import/{draft_id}/doubts"): Route((ADMIN,), 404, "/import/1/doubts"),
    ("POST", "/import/{draft_id}/doubts"): Route((ADMIN,), 404, "/import/1/doubts"),
    ("POST", "/import/{draft_id}/store"): Route((ADMIN,), 404, "/import/1/store"),
    ("POST", "/import/{draft_id}/drop"): Route((ADMIN,), 303, "/import/1/drop"),
    ("GET", "/timeline"): Route(MEMBERS),
    ("GET", "/preview"): Route(OFFICE),
    ("GET", "/people/on"): Route(MEMBERS),
    ("GET", "/reorganisations"): Route(OFFICE),
    ("POST", "/reorganisations"): Route((ADMIN,), 422),
    ("POST", "/reorganisations/{reorganisation_id}/cancel"): Route((ADMIN,), 409, "/reorganisations/1/cancel"),
    ("GET", "/days"): Route(OFFICE),
    ("POST", "/days"): Route((ADMIN,), 422),
    ("POST", "/days/deadline"): Route((ADMIN,), 422),
    ("POST", "/days/{on}/remove"): Route((ADMIN,), 409, "/days/2024-10-10/remove"),
    ("GET", "/milestones/{milestone_id}/why"): Route(MEMBERS, address="/milestones/1/why", elsewhere=404),
    ("GET", "/milestones/{milestone_id}/check-day"): Route(ADMINS, address="/milestones/1/check-day", elsewhere=404),
    ("POST", "/milestones/{milestone_id}/check-day"): Route(ADMINS, 422, "/milestones/1/check-day", elsewhere=404),
    ("GET", "/rounds"): Route(MEMBERS),
    ("POST", "/rounds"): Route((ADMIN,), 422),
    ("GET", "/rounds/{round_id}"): Route(MEMBERS, address="/rounds/{round}"),
    ("GET", "/rounds/{round_id}/changes"): Route(MEMBERS, address="/rounds/{round}/changes"),
    ("POST", "/rounds/{round_id}/nudge"): Route((ADMIN,), 303, "/rounds/{round}/nudge"),
    ("POST", "/rounds/{round_id}/lock"): Route((ADMIN,), 422, "/rounds/{round}/lock"),
    ("POST", "/rounds/{round_id}/reopen"): Route((ADMIN,), 422, "/rounds/{round}/reopen"),
    ("POST", "/rounds/{round_id}/accept"): Route(REVIEWERS, 422, "/rounds/{round}/accept"),
    ("GET", "/rounds/{round_id}/requests/{request_id}"): Route(
        MEMBERS, address="/rounds/{round}/requests/{request}", elsewhere=404
    ),
    ("POST", "/rounds/{round_id}/requests/{request_id}/return"): Route(
        REVIEWERS, 422, "/rounds/{round}/requests/{request}/return", elsewhere=404
    ),
    ("GET", "/reports"): Route(OFFICE, address="/reports?format=md"),
    ("GET", "/inbox"): Route((LEAD,)),
    ("GET", "/inbox/{message_id}"): Route((LEAD,), address="/inbox/{message}"),
    ("POST", "/inbox/{message_id}/read"): Route((LEAD,), 303, "/inbox/{message}/read"),
    ("POST", "/inbox/{message_id}/answer"): Route((LEAD,), 303, "/inbox/{message}/answer"),
    ("GET", "/paper"): Route(MEMBERS),
    ("GET", "/paper.csv"): Route(MEMBERS),
    ("GET", "/outbox"): Route(MEMBERS),
    ("GET", "/outbox/{message_id}"): Route(MEMBERS, address="/outbox/{message}", elsewhere=404),
    ("GET", "/outbox/{message_id}/html"): Route(MEMBERS, address="/outbox/{message}/html", elsewhere=404),
    ("GET", "/outbox/{message_id}/again"): Route((ADMIN,), address="/outbox/{message}/again"),
    ("POST", "/outbox/{message_id}/again"): Route((ADMIN,), 422, "/outbox/{message}/again"),
    ("GET", "/mailbox"): Route((ADMIN,)),
    ("GET", "/mailbox/{name}"): Route((ADMIN,), 404, "/mailbox/nothing"),
    ("GET", "/mailbox/{name}/html"): Route((ADMIN,), 404, "/mailbox/nothing/html"),
    ("GET", "/mailbox/{name}/raw"): Route((ADMIN,), 404, "/mailbox/nothing/raw"),
    ("GET", "/mailbox/{name}/files/{position}"): Route((ADMIN,), 404, "/mailbox/nothing/files/0"),
    ("GET", "/findings"): Route(MEMBERS),
    ("POST", "/findings/{finding_id}/settle"): Route(ADMINS, 303, "/findings/{finding}/settle", elsewhere=404),
    ("GET", "/people"): Route(MEMBERS),
    ("GET", "/people/assign"): Route((ADMIN,), address="/people/assign?post=1"),
    ("POST", "/people/assign"): Route((ADMIN,), 404),
    ("POST", "/people/{post_id}/wish/forget"): Route((ADMIN,), 303, "/people/1/wish/forget"),
    ("POST", "/people/{post_id}/links/close"): Route((ADMIN,), 422, "/people/1/links/close"),
    ("GET", "/absences"): Route(ADMINS),
    ("POST", "/absences"): Route(ADMINS, 422),
    ("POST", "/absences/{absence_id}/remove"): Route(ADMINS, 404, "/absences/1/remove"),
    ("GET", "/schedules"): Route(OFFICE),
    ("GET", "/schedules/new"): Route((ADMIN,)),
    ("GET", "/schedules/{schedule_id}"): Route((ADMIN,), 404, "/schedules/1"),
    ("POST", "/schedules/save"): Route((ADMIN,), 422),
    ("POST", "/schedules/{schedule_id}/off"): Route((ADMIN,), 404, "/schedules/1/off"),
    ("GET", "/rules"): Route(OFFICE),
    ("GET", "/rules/new"): Route((ADMIN,)),
    ("POST", "/rules/save"): Route((ADMIN,), 422),
    ("GET", "/rules/{rule_id}"): Route((ADMIN,), address="/rules/1"),
    ("GET", "/rules/{rule_id}/off"): Route((ADMIN,), address="/rules/1/off"),
    ("POST", "/rules/{rule_id}/off"): Route((ADMIN,), 303, "/rules/1/off"),
    ("GET", "/health"): Route(OFFICE),
    ("GET", "/tables"): Route((ADMIN,)),
    ("GET", "/tables/{name}"): Route((ADMIN,), address="/tables/milestone"),
    ("GET", "/tables/{name}/{key}"): Route((ADMIN,), address="/tables/milestone/1"),
    ("GET", "/audit"): Route(OFFICE),
    ("GET", "/audit.csv"): Route(OFFICE),
    ("GET", "/activate"): Route(ADMINS),
    ("POST", "/activate"): Route(ADMINS, 303),
    ("GET", "/sending"): Route(OFFICE),
    ("POST", "/sending/stop"): Route((ADMIN,), 422),
    ("POST", "/sending/resume"): Route((ADMIN,), 303),
    ("GET", "/healthz"): Route(EVERYBODY),
    ("GET", "/readyz"): Route(EVERYBODY),
}


def routes(found: object) -> Iterator[tuple[str, str]]:
    for route in getattr(found, "routes", ()):
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in route.methods)
        else:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                yield from routes(inner)


def test_every_route_is_in_the_table(office: WebOffice) -> None:
    assert set(routes(office.app)) == set(ROUTES)


class Walk:
    """An office with an open round, and somebody of each kind who walks along every route of it."""

    def __init__(self, office: WebOffice) -> None:
        self.office = office
        operator = office.admin()
        opened = submit(operator, "/rounds", due="2024. 10. 4.").headers["location"]
        self.round = opened.partition("?")[0].removeprefix("/rounds/")
        with read(office.engine) as session:
            asked = select(StatusRequest.id).where(
                StatusRequest.round_id == int(self.round), StatusRequest.post_id == office.post
            )
            self.request = session.exec(asked).one()
        self.clients = {
            STRANGER: office.client(),
            ADMIN: operator,
            AUDITOR: office.member((Role.AUDITOR, None)),
            UNIT_ADMIN: office.member((Role.ADMIN, office.department)),
            REVIEWER: office.member((Role.REVIEWER, office.department)),
            LEAD: office.member((Role.LEAD, office.team)),
            OUTSIDER: office.member((Role.ADMIN, office.elsewhere)),
        }

    def address(self, route: tuple[str, str]) -> str:
        office = self.office
        return (ROUTES[route].address or route[1]).format(
            token=office.token,
            project=office.project,
            document=office.document,
            message=office.message,
            finding=office.finding,
            round=self.round,
            request=self.request,
        )

    def csrf(self, who: str) -> str:
        return fields(self.clients[who].get("/").text).get("csrf", "")


@pytest.fixture
def walk(office: WebOffice) -> Walk:
    return Walk(office)


def wanted(route: Route, who: str) -> int:
    if who not in route.lets_in:
        return 403
    return route.elsewhere if who in route.outside and route.elsewhere is not None else route.status


def test_every_page_lets_in_only_whom_it_should(walk: Walk) -> None:
    before = walk.office.everything()
    for who, client in walk.clients.items():
        for (method, path), route in ROUTES.items():
            if method == "GET":
                page = client.get(walk.address((method, path)))
                assert page.status_code == wanted(route, who), f"{method} {path} as {who}"
                if page.status_code in (403, 404):
                    assert "종합청사" not in page.text
                if page.status_code == 403 and who is STRANGER:
                    assert "dday login-link" in page.text
    assert walk.office.everything() == before, "a GET changed something"


def test_no_form_is_taken_without_its_token(walk: Walk) -> None:
    before = walk.office.everything()
    for who, client in walk.clients.items():
        for method, path in ROUTES:
            if method == "POST" and path != "/login/{token}":
                assert client.post(walk.address((method, path))).status_code == 403, f"{method} {path} as {who}"
    assert walk.office.everything() == before


def test_every_form_is_taken_only_from_whom_it_should(walk: Walk) -> None:
    before = walk.office.everything()
    for let_in in (False, True):
        for who, client in walk.clients.items():
            form = {"csrf": walk.csrf(who)}
            for (method, path), route in ROUTES.items():
                status = wanted(route, who)
                if method == "POST" and path != "/logout" and (status not in (403, 404)) == let_in:
                    page = client.post(walk.address((method, path)), data=form)
                    assert page.status_code == status, f"{method} {path} as {who}"
        if not let_in:
            assert walk.office.everything() == before, "somebody who was not let in changed something"


def test_the_lists_of_another_bureau_show_nothing_of_this_one(walk: Walk) -> None:
    for path in ("/", "/projects", "/timeline", "/documents", "/outbox", "/findings", "/people", "/activate"):
        page = walk.clients[OUTSIDER].get(path)
        assert page.status_code == 200
        for word in ("종합청사", "행정지원", "인사팀", "홍길동", "북카페", "weekday", "진행사항 보고</a>"):
            assert word not in page.text, f"{word} on {path}"
    assert "행정지원팀" not in walk.clients[OUTSIDER].get(f"/rounds/{walk.round}").text
    assert "행정지원팀" in walk.clients[LEAD].get(f"/rounds/{walk.round}").text


def test_the_lists_of_a_team_show_its_own_rows_only(walk: Walk) -> None:
    projects = walk.clients[LEAD].get("/projects").text
    assert "종합청사" in projects
    assert "내부청렴도" not in projects
    assert "인사팀" not in walk.clients[LEAD].get("/people").text
    assert walk.clients[LEAD].get(f"/projects/{walk.office.foreign_project}").status_code == 404
    assert walk.clients[LEAD].get(f"/outbox/{walk.office.failed}").status_code == 404


def test_every_answer_carries_the_headers_that_keep_it_safe(office: WebOffice) -> None:
    walk = Walk(office)
    for who in (STRANGER, ADMIN):
        for method, path in ROUTES:
            headers = walk.clients[who].request(method, walk.address((method, path))).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe-inline" not in policy.partition("script-src")[2]
            assert "script-src 'unsafe" not in policy
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] in ("DENY", "SAMEORIGIN")
            assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/projects/x",
        "/projects/999999",
        "/documents/999999",
        "/outbox/0",
        "/preview?month=soon",
        "/admin.php",
    ],
)
def test_what_is_not_there_says_so_in_words(office: WebOffice, path: str) -> None:
    page = office.admin().get(path)
    assert page.status_code in (404, 422)
    assert "찾는 화면이 없습니다" in page.text


def test_a_fault_of_the_program_is_a_page_and_keeps_its_headers(
    office: WebOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starlette.testclient import TestClient

    admin = office.admin()
    office.app.state.office = None
    monkeypatch.setattr("web.app.render", broken)
    client = TestClient(office.app, raise_server_exceptions=False, cookies=admin.cookies)
    page = client.get("/")
    assert page.status_code == 500
    assert page.headers["x-frame-options"] == "DENY"


def broken(request: object, template: str, status: int, **values: object) -> object:
    from fastapi.responses import HTMLResponse

    assert template == "broken.html"
    return HTMLResponse("broken", status)


def test_too_much_is_refused_before_it_is_read(office: WebOffice) -> None:
    page = office.client().post(f"/a/{office.token}", content=b"x" * 3_000_000)
    assert page.status_code == 413
    assert "요청을 받을 수 없습니다" in page.text


def test_a_body_that_does_not_say_how_long_it_is_is_stopped_too(office: WebOffice) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b"a=" + b"x" * 100_000 + b"&"

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    page = office.client().post(f"/a/{office.token}", content=endless(), headers=headers)
    assert page.status_code in (400, 413)
    assert "요청을 받을 수 없습니다" in page.text


def test_asking_for_the_head_alone_is_asking_without_the_body(office: WebOffice) -> None:
    page = office.client().head(f"/a/{office.token}")
    assert page.status_code == 200
    assert page.content == b""


def test_a_style_sheet_may_be_kept_and_only_what_is_there_is_served(office: WebOffice) -> None:
    from web.static_files import asset

    client = office.client()
    sheet = client.get(asset("dday.css"))
    assert sheet.status_code == 200
    assert "immutable" in sheet.headers["cache-control"]
    for path in ("/static/nothing.css", "/static/../app.py", "/static/%2e%2e/app.py"):
        assert client.get(path).status_code == 404

"""Every route as everybody: a new route that is not in the table fails here."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from fastapi.routing import APIRoute

from tests.web.office import WebOffice


class Expected(NamedTuple):
    """The status that a stranger and an admin get; `address` fills the route's parameters with things that exist."""

    stranger: int
    admin: int
    address: str = ""


ROUTES = {
    ("GET", "/"): Expected(403, 200),
    ("GET", "/a/{token}"): Expected(200, 200, "/a/{token}"),
    ("POST", "/a/{token}"): Expected(403, 403, "/a/{token}"),  # without the form's own token
    ("POST", "/a/{token}/seen"): Expected(403, 403, "/a/{token}/seen"),
    ("POST", "/a/{token}/accept"): Expected(403, 403, "/a/{token}/accept"),
    ("GET", "/a/{token}/receipt"): Expected(303, 303, "/a/{token}/receipt?reports=1"),
    ("POST", "/a/{token}/calendar"): Expected(403, 403, "/a/{token}/calendar"),
    ("POST", "/a/{token}/calendar/stop"): Expected(403, 403, "/a/{token}/calendar/stop"),
    ("GET", "/calendar/{token}.ics"): Expected(404, 404, "/calendar/nothing.ics"),
    ("GET", "/a/{token}/files/{attachment_id}"): Expected(404, 404, "/a/{token}/files/1"),
    ("GET", "/files/{attachment_id}"): Expected(403, 404, "/files/1"),
    ("GET", "/login/{token}"): Expected(410, 410, "/login/used-up"),
    ("POST", "/login/{token}"): Expected(410, 410, "/login/used-up"),
    ("POST", "/logout"): Expected(403, 403),  # without the form's own token
    ("GET", "/bye"): Expected(200, 200),
    ("GET", "/projects"): Expected(403, 200),
    ("GET", "/projects/{project_id}"): Expected(403, 200, "/projects/{project}"),
    ("GET", "/milestones"): Expected(403, 200),
    ("GET", "/milestones/move"): Expected(403, 200, "/milestones/move?milestone=1"),
    ("POST", "/milestones/move"): Expected(403, 403),
    ("GET", "/documents"): Expected(403, 200),
    ("GET", "/documents/{document_id}"): Expected(403, 200, "/documents/{document}"),
    ("GET", "/timeline"): Expected(403, 200),
    ("GET", "/preview"): Expected(403, 200),
    ("GET", "/rounds"): Expected(403, 200),
    ("POST", "/rounds"): Expected(403, 403),
    ("GET", "/rounds/{round_id}"): Expected(403, 404, "/rounds/1"),
    ("POST", "/rounds/{round_id}/nudge"): Expected(403, 403, "/rounds/1/nudge"),
    ("POST", "/rounds/{round_id}/lock"): Expected(403, 403, "/rounds/1/lock"),
    ("POST", "/rounds/{round_id}/reopen"): Expected(403, 403, "/rounds/1/reopen"),
    ("POST", "/rounds/{round_id}/accept"): Expected(403, 403, "/rounds/1/accept"),
    ("GET", "/rounds/{round_id}/requests/{request_id}"): Expected(403, 404, "/rounds/1/requests/1"),
    ("POST", "/rounds/{round_id}/requests/{request_id}/return"): Expected(403, 403, "/rounds/1/requests/1/return"),
    ("GET", "/reports"): Expected(403, 200, "/reports?format=md"),
    ("GET", "/outbox"): Expected(403, 200),
    ("GET", "/outbox/{message_id}"): Expected(403, 200, "/outbox/{message}"),
    ("GET", "/outbox/{message_id}/html"): Expected(403, 200, "/outbox/{message}/html"),
    ("GET", "/mailbox"): Expected(403, 200),
    ("GET", "/mailbox/{name}"): Expected(403, 404, "/mailbox/nothing"),
    ("GET", "/mailbox/{name}/html"): Expected(403, 404, "/mailbox/nothing/html"),
    ("GET", "/mailbox/{name}/raw"): Expected(403, 404, "/mailbox/nothing/raw"),
    ("GET", "/mailbox/{name}/files/{position}"): Expected(403, 404, "/mailbox/nothing/files/0"),
    ("GET", "/findings"): Expected(403, 200),
    ("POST", "/findings/{finding_id}/settle"): Expected(403, 403, "/findings/1/settle"),
    ("GET", "/people"): Expected(403, 200),
    ("GET", "/rules"): Expected(403, 200),
    ("GET", "/health"): Expected(403, 200),
    ("GET", "/activate"): Expected(403, 200),
    ("POST", "/activate"): Expected(403, 403),
    ("GET", "/sending"): Expected(403, 200),
    ("POST", "/sending/stop"): Expected(403, 403),
    ("POST", "/sending/resume"): Expected(403, 403),
    ("GET", "/healthz"): Expected(200, 200),
    ("GET", "/readyz"): Expected(200, 200),
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


def address(office: WebOffice, route: tuple[str, str]) -> str:
    return (ROUTES[route].address or route[1]).format(
        token=office.token, project=office.project, document=office.document, message=office.message
    )


def test_every_route_lets_in_only_whom_it_should(office: WebOffice) -> None:
    before = office.everything()
    stranger = office.client()
    for (method, path), expected in ROUTES.items():
        page = stranger.request(method, address(office, (method, path)))
        assert page.status_code == expected.stranger, f"{method} {path} as a stranger"
        if page.status_code == 403 and method == "GET":
            assert "dday login-link" in page.text
            assert "종합청사" not in page.text
    assert office.everything() == before, "a stranger changed something"
    admin = office.admin()
    before = office.everything()
    for (method, path), expected in ROUTES.items():
        page = admin.request(method, address(office, (method, path)))
        assert page.status_code == expected.admin, f"{method} {path} as the admin"
    assert office.everything() == before, "a GET, or a POST without its form, changed something"


def test_every_answer_carries_the_headers_that_keep_it_safe(office: WebOffice) -> None:
    for client in (office.client(), office.admin()):
        for method, path in ROUTES:
            headers = client.request(method, address(office, (method, path))).headers
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

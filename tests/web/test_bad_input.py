"""What people and machines put into forms and addresses: refused in words, never a fault, never anything but text."""

import re
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DataError
from structlog.testing import capture_logs

from models import Role
from tests.web.busy_office import fill
from tests.web.office import SCRIPT, WebOffice, fields
from tests.web.test_routes import ROUTES, routes

STRANGER, ADMIN, LEAD = "stranger", "admin", "lead"

# Every form by its route: who sends it, from which page, to which address.
FORMS: dict[str, tuple[str, str, str]] = {
    "/a/{token}": (STRANGER, "/a/{token}", "/a/{token}"),
    "/a/{token}/seen": (STRANGER, "/a/{token}", "/a/{token}/seen"),
    "/a/{token}/pass": (STRANGER, "/a/{token}/pass", "/a/{token}/pass"),
    "/a/{token}/pass/{delegation_id}/back": (STRANGER, "/a/{token}/pass", "/a/{token}/pass/999/back"),
    "/a/{token}/escalations": (STRANGER, "/a/{told}/escalations", "/a/{told}/escalations"),
    "/a/{token}/settings": (STRANGER, "/a/{token}/settings", "/a/{token}/settings"),
    "/people/{post_id}/wish/forget": (ADMIN, "/people", "/people/999/wish/forget"),
    "/people/{post_id}/links/close": (ADMIN, "/people", "/people/999/links/close"),
    "/a/{token}/accept": (STRANGER, "/a/{token}", "/a/{token}/accept"),
    "/a/{token}/calendar": (STRANGER, "/a/{token}", "/a/{token}/calendar"),
    "/a/{token}/calendar/stop": (STRANGER, "/a/{token}", "/a/{token}/calendar/stop"),
    "/escalations": (ADMIN, "/escalations", "/escalations"),
    "/login": (STRANGER, "/login", "/login"),
    "/login/code": (STRANGER, "/login", "/login/code"),
    "/login/{token}": (STRANGER, "/login", "/login/used-up"),
    "/logout": (LEAD, "/account", "/logout"),
    "/account/password": (LEAD, "/account", "/account/password"),
    "/account/codes": (LEAD, "/account/codes", "/account/codes"),
    "/milestones/move": (ADMIN, "/milestones/move?milestone=1&milestone=2", "/milestones/move"),
    "/milestones/{milestone_id}/check-day": (ADMIN, "/milestones/{done}/check-day", "/milestones/{done}/check-day"),
    "/projects/{project_id}/supporting": (ADMIN, "/projects/{project}/supporting", "/projects/{project}/supporting"),
    "/projects/{project_id}/supporting/{supporting_id}/remove": (
        ADMIN,
        "/projects/{project}/supporting",
        "/projects/{project}/supporting/999/remove",
    ),
    "/import": (ADMIN, "/import", "/import"),
    "/import/{draft_id}/as-of": (ADMIN, "/import/{draft}", "/import/{draft}/as-of"),
    "/import/{draft_id}/doubts": (ADMIN, "/import/{draft}/doubts", "/import/{draft}/doubts"),
    "/import/{draft_id}/store": (ADMIN, "/import", "/import/999/store"),
    "/import/{draft_id}/drop": (ADMIN, "/import", "/import/999/drop"),
    "/reorganisations": (ADMIN, "/reorganisations", "/reorganisations"),
    "/reorganisations/{reorganisation_id}/cancel": (ADMIN, "/reorganisations", "/reorganisations/999/cancel"),
    "/days": (ADMIN, "/days", "/days"),
    "/days/deadline": (ADMIN, "/days", "/days/deadline"),
    "/days/{on}/remove": (ADMIN, "/days", "/days/2024-02-30/remove"),
    "/rounds": (ADMIN, "/rounds", "/rounds"),
    "/rounds/{round_id}/nudge": (ADMIN, "/rounds", "/rounds/999/nudge"),
    "/rounds/{round_id}/lock": (ADMIN, "/rounds/{round}", "/rounds/{round}/lock"),
    "/rounds/{round_id}/reopen": (ADMIN, "/rounds/{round}", "/rounds/{round}/reopen"),
    "/rounds/{round_id}/accept": (ADMIN, "/rounds/{round}", "/rounds/{round}/accept"),
    "/rounds/{round_id}/requests/{request_id}/return": (
        ADMIN,
        "/rounds/{round}/requests/{request}",
        "/rounds/{round}/requests/{request}/return",
    ),
    "/inbox/{message_id}/read": (LEAD, "/inbox/{message}", "/inbox/999/read"),
    "/inbox/{message_id}/answer": (LEAD, "/inbox/{message}", "/inbox/999/answer"),
    "/outbox/{message_id}/again": (ADMIN, "/outbox/{failed}/again", "/outbox/{failed}/again"),
    "/findings/{finding_id}/settle": (ADMIN, "/findings", "/findings/999/settle"),
    "/people/assign": (ADMIN, "/people/assign?post=1", "/people/assign"),
    "/absences": (ADMIN, "/absences", "/absences"),
    "/absences/{absence_id}/remove": (ADMIN, "/absences", "/absences/999/remove"),
    "/schedules/save": (ADMIN, "/schedules/new", "/schedules/save"),
    "/schedules/{schedule_id}/off": (ADMIN, "/schedules/new", "/schedules/999/off"),
    "/rules/save": (ADMIN, "/rules/new", "/rules/save"),
    "/rules/{rule_id}/off": (ADMIN, "/rules/1/off", "/rules/999/off"),
    "/activate": (ADMIN, "/activate", "/activate"),
    "/sending/stop": (ADMIN, "/sending", "/sending/stop"),
    "/sending/resume": (ADMIN, "/sending", "/sending/resume"),
}
BAD = {
    "nothing": "",
    "too long": "가" * 30_000,
    "HTML": f'{SCRIPT}"><img src=x onerror=alert(1)>',
    "NUL": "글\0자",
    "a number beyond all": "9" * 25,
    "less than nothing": "-1",
    "no day": "2024. 13. 45.",
    "marks of direction": "\u202e거꾸로\u200b💣",
    "half a letter": "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
}
KEPT_APART = ("csrf", "once")  # the form's own token; what a button says


def test_every_form_is_in_the_table(office: WebOffice) -> None:
    assert {path for method, path in routes(office.app) if method == "POST"} == set(FORMS)


def test_no_form_falls_over_what_is_typed(engine: Engine, tmp_path: Path) -> None:
    """All fields at once are bad; what is refused says so, marks the field and gives back what was typed."""
    office = WebOffice(engine, tmp_path / "data")
    names = fill(office)
    clients = {STRANGER: office.client(), ADMIN: office.admin(), LEAD: office.member((Role.LEAD, office.team))}
    for (bad, value), (route, (who, page, action)) in product(BAD.items(), FORMS.items()):
        if route == "/logout":
            continue
        shown = clients[who].get(page.format(**names))
        assert shown.status_code == 200 or "used-up" in page, f"{route} after {bad}: {shown.status_code}"
        form = {
            name: typed if name in KEPT_APART or name.startswith("seen-") else value
            for name, typed in fields(shown.text).items()
        }
        sent = clients[who].post(action.format(**names), data=form)
        what = f"{route}, {bad}"
        assert sent.status_code in (200, 303, 403, 404, 409, 410, 413, 422), f"{what}: {sent.status_code}"
        assert SCRIPT not in sent.text, what
        assert "<img src=x" not in sent.text, what
        if sent.status_code == 422 and "요청을 받을 수 없습니다" not in sent.text:
            assert re.search(r'role="alert"|class="field-error"', sent.text), f"{what} does not say why"


@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "0", "1e3", "%00", "%ED%A0%80", "%3Cscript%3E", "١"])
def test_an_address_with_another_number_leads_nowhere(office: WebOffice, number: str) -> None:
    admin = office.admin()
    for method, path in ROUTES:
        known = path.replace("{token}", office.token) if path.startswith("/a/") else path
        if method == "GET" and "{" in known:
            address = re.sub(r"\{[a-z_]+\}", number, known)
            page = admin.get(address)
            assert page.status_code in (303, 403, 404, 410, 422), f"{address}: {page.status_code}"
            assert "<script>" not in page.text


def test_a_value_that_no_column_holds_leaves_a_line_in_the_log(office: WebOffice) -> None:
    """It may be a fault of ours as well: the line tells where it arose, and nothing that was typed or is secret."""
    number = BAD["a number beyond all"]
    with capture_logs() as said:
        refused = office.client().get(f"/a/{office.token}/files/{number}")
        assert office.admin().get("/projects").status_code == 200
    assert refused.status_code == 404
    (line,) = said
    assert (line["event"], line["log_level"], line["method"]) == ("page.value_refused", "warning", "GET")
    assert line["route"] == "/a/{token}/files/{attachment_id}"
    assert isinstance(line["exc_info"], OverflowError | DataError)
    assert office.token not in str({name: value for name, value in line.items() if name != "exc_info"})

"""The answer form: what a team lead sees, sends and is told."""

from datetime import date

import pytest
from sqlmodel import col, select

from models import (
    Absence,
    AnswerLink,
    Assignment,
    AuditEntry,
    Handover,
    Milestone,
    MilestoneRevision,
    MilestoneStatus,
    Notification,
    Person,
    Reminder,
    ReminderState,
    RequestState,
    StatusKind,
    StatusReport,
    StatusRequest,
)
from models.database import read, write
from notifications.links import make_link
from tests.web.office import (
    FUZZY,
    LABELS,
    LATE,
    NOW,
    RESULTS,
    SCRIPT,
    THIS_WEEK,
    TODAY,
    UNDATED,
    UPCOMING,
    WebOffice,
    fields,
    submit,
)


def reports(office: WebOffice) -> list[StatusReport]:
    with read(office.engine) as session:
        return list(session.exec(select(StatusReport).order_by(col(StatusReport.id))).all())


def name(field: str, office: WebOffice, which: int) -> str:
    return f"{field}_{office.milestones[which]}"


def test_the_form_shows_every_open_item_of_the_post_the_most_urgent_first(office: WebOffice) -> None:
    page = office.client().get(f"/a/{office.token}").text
    places = [page.index(f">{LABELS[which]}</h3>") for which in (LATE, TODAY, THIS_WEEK, UPCOMING, FUZZY, UNDATED)]
    assert places == sorted(places)
    headings = [page.index(f'id="g-{group}"') for group in ("late", "today", "this_week", "upcoming", "confirm_date")]
    assert headings == sorted(headings)
    assert "홍길동 팀장님" in page
    assert "인사제도 협의회" not in page


def test_looking_changes_nothing_however_often(office: WebOffice) -> None:
    before = office.everything()
    for _ in range(3):
        assert office.client().get(f"/a/{office.token}").status_code == 200
        assert office.client().head(f"/a/{office.token}").status_code in (200, 405)
    assert office.everything() == before


def test_the_fields_begin_with_the_documents_words_and_the_last_answer(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    late = office.milestones[LATE]
    first = fields(client.get(path).text)
    assert first[f"results-{late}"].splitlines() == list(RESULTS)
    assert first[f"problems-{late}"] == "- 전력 증가"
    assert first[f"measures-{late}"] == "- 절감 운영"
    added = "\n".join([*RESULTS, "- 미디어월 설치 완료"])
    changes = {name("kind", office, LATE): "on_track", name("results", office, LATE): added}
    submit(client, path, **changes, **{name("percent", office, LATE): "95"})
    assert reports(office)[0].results == "- 미디어월 설치 완료", "what the document says already is no news"
    again = fields(client.get(path).text)
    assert again[f"results-{late}"].splitlines() == added.splitlines()
    assert again[f"percent-{late}"] == "95"


def test_some_items_are_answered_and_the_others_are_left_alone(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    sent = submit(client, path, **{name("kind", office, LATE): "done", name("kind", office, THIS_WEEK): "no_change"})
    assert sent.status_code == 303
    receipt = client.get(sent.headers["location"])
    assert "답변 2건을 접수했습니다" in receipt.text
    assert [report.kind for report in reports(office)] == [StatusKind.DONE, StatusKind.NO_CHANGE]
    assert {report.reported_by for report in reports(office)} == {"홍길동 팀장"}
    assert office.milestone(LATE).status is MilestoneStatus.DONE
    assert office.milestone(TODAY).status is MilestoneStatus.PLANNED
    with read(office.engine) as session:
        assert session.exec(select(StatusRequest.state)).one() is RequestState.SUBMITTED
        message = session.get_one(Notification, office.message)
        assert message.opened_at == NOW
        assert message.answered_at == NOW


def test_an_answer_plans_the_reminders_anew_at_once(office: WebOffice) -> None:
    upcoming = office.milestones[UPCOMING]

    def planned() -> list[Reminder]:
        with read(office.engine) as session:
            return list(
                session.exec(
                    select(Reminder).where(Reminder.milestone_id == upcoming, Reminder.state == ReminderState.PLANNED)
                ).all()
            )

    assert {reminder.anchor_on.isoformat() for reminder in planned()} == {"2024-11-15"}
    changes = {"kind": "rescheduled", "new": "2024. 12. 20.", "reason": "자재 수급 지연"}
    submit(
        office.client(), f"/a/{office.token}", **{name(key, office, UPCOMING): value for key, value in changes.items()}
    )
    assert {reminder.anchor_on.isoformat() for reminder in planned()} == {"2024-12-20"}


def test_a_moved_date_is_shown_as_it_was_and_as_it_is(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    changes = {"kind": "rescheduled", "new": "10월 말", "reason": "우천으로 순연"}
    sent = submit(client, path, **{name(key, office, LATE): value for key, value in changes.items()})
    receipt = client.get(sent.headers["location"]).text
    assert "2024. 9월중" in receipt
    assert "10월 말 (10. 21. ~ 10. 31.)" in receipt
    assert "우천으로 순연" in receipt
    form = client.get(path).text
    assert "당초 2024. 9월중 → 변경 10월 말" in form
    assert str(office.milestone(LATE).end_on) == "2024-10-31"


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"kind": "delayed"}, "reason", "사유를 적어 주세요"),
        ({"kind": "cancelled", "reason": "  "}, "reason", "사유를 적어 주세요"),
        ({"kind": "rescheduled", "reason": "사유"}, "new", "새 날짜를 적어 주세요"),
        ({"kind": "rescheduled", "reason": "사유", "new": "곧 합니다"}, "new", ""),
        ({"kind": "rescheduled", "reason": "사유", "new": "11. 31."}, "new", ""),
        ({"kind": "on_track", "percent": "백"}, "percent", "0에서 100"),
        ({"kind": "on_track", "percent": "101"}, "percent", "0에서 100"),
        ({"kind": "on_track", "results": "가" * 4001}, "results", "4,000자까지"),
        ({"results": "한 일이 있습니다"}, "kind", "하나 골라 주세요"),
        ({"kind": "great"}, "kind", "하나 골라 주세요"),
    ],
)
def test_a_refused_form_marks_the_field_keeps_the_words_and_records_nothing(
    office: WebOffice, typed: dict[str, str], field: str, words: str
) -> None:
    before = office.everything()
    other = {name("kind", office, LATE): "on_track", name("results", office, LATE): f"- 준공식 {SCRIPT}"}
    changes = {name(key, office, UPCOMING): value for key, value in typed.items()}
    page = submit(office.client(), f"/a/{office.token}", **other, **changes)
    assert page.status_code == 422
    upcoming = office.milestones[UPCOMING]
    assert f'id="e-{field}-{upcoming}"' in page.text
    assert words in page.text
    kept = fields(page.text)
    for key, value in typed.items():
        if key != "kind":
            assert kept[f"{key}-{upcoming}"] == value
    assert kept[f"kind-{office.milestones[LATE]}"] == "on_track"
    assert SCRIPT not in page.text
    assert office.everything() == before


def test_html_in_any_text_stays_text(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    typed = {"kind": "delayed", "reason": SCRIPT, "results": SCRIPT, "problems": SCRIPT, "next": SCRIPT}
    sent = submit(client, path, **{name(key, office, LATE): value for key, value in typed.items()})
    for page in (client.get(sent.headers["location"]), client.get(path)):
        assert SCRIPT not in page.text
        assert "&lt;script&gt;" in page.text


def test_the_same_form_sent_twice_is_one_answer(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    form = fields(client.get(path).text)
    form |= {f"kind-{office.milestones[LATE]}": "delayed", f"reason-{office.milestones[LATE]}": "자재 수급"}
    first, second = client.post(path, data=form), client.post(path, data=form)
    assert first.headers["location"] == second.headers["location"]
    assert len(reports(office)) == 1


def test_the_last_item_settles_the_link_and_its_receipt_still_shows(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    form = fields(client.get(path).text) | {f"kind-{office.milestones[LATE]}": "done"}
    first, second = client.post(path, data=form), client.post(path, data=form)
    assert first.status_code == second.status_code == 303
    assert "답변 1건을 접수했습니다" in client.get(second.headers["location"]).text
    page = client.get(path)
    assert page.status_code == 410
    assert "모두 정리되었습니다" in page.text


def test_who_answers_second_is_shown_what_the_first_said_before_it_is_replaced(office: WebOffice) -> None:
    path = f"/a/{office.token}"
    one, other = office.client(), office.client()
    seen_by_other = fields(other.get(path).text)
    upcoming = office.milestones[UPCOMING]
    submit(one, path, **{f"kind_{upcoming}": "delayed", f"reason_{upcoming}": "설계 변경"})
    mine = seen_by_other | {f"kind-{upcoming}": "on_track", f"results-{upcoming}": "- 순조로움"}
    refused = other.post(path, data=mine)
    assert refused.status_code == 422
    assert "다른 분이 먼저 답했거나" in refused.text
    assert "설계 변경" in refused.text
    kept = fields(refused.text)
    assert kept[f"results-{upcoming}"] == "- 순조로움"
    assert [report.kind for report in reports(office)] == [StatusKind.DELAYED]
    assert other.post(path, data=kept).status_code == 303
    assert [report.kind for report in reports(office)] == [StatusKind.DELAYED, StatusKind.ON_TRACK]


def test_an_answer_for_an_item_that_was_closed_meanwhile_is_not_taken(office: WebOffice) -> None:
    path, upcoming = f"/a/{office.token}", office.milestones[UPCOMING]
    form = fields(office.client().get(path).text) | {f"kind-{upcoming}": "on_track"}
    with write(office.engine) as session:
        session.get_one(Milestone, upcoming).status = MilestoneStatus.CANCELLED
    page = office.client().post(path, data=form)
    assert page.status_code == 422
    assert "그사이 정리되어" in page.text


def test_an_item_of_another_post_is_neither_shown_nor_taken(office: WebOffice) -> None:
    path = f"/a/{office.token}"
    before = office.everything()
    sent = submit(office.client(), path, **{f"kind_{office.foreign}": "done", f"seen_{office.foreign}": "0-1"})
    assert sent.headers["location"] == f"{path}?said=nothing"
    assert office.everything() == before


def test_sending_nothing_says_so(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    sent = submit(client, path)
    assert "고른 항목이 없어" in client.get(sent.headers["location"]).text


def test_having_read_it_is_noted_when_a_person_says_so(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    form = fields(client.get(path).text)
    sent = client.post(f"{path}/seen", data=form)
    assert "확인하신 것으로 기록했습니다" in client.get(sent.headers["location"]).text
    with read(office.engine) as session:
        message = session.get_one(Notification, office.message)
        assert message.opened_at == NOW
        assert message.answered_at is None


def test_an_admin_closes_the_links_of_a_post_whose_mail_went_astray(office: WebOffice) -> None:
    admin, address = office.admin(), f"/people/assign?post={office.post}"
    with write(office.engine) as session:
        theirs = make_link(session, office.other_post, None, NOW, office.settings).rpartition("/")[2]
    form = fields(admin.get(address).text)
    act = f"/people/{office.post}/links/close"
    unsure = admin.post(act, data={"csrf": form["csrf"]})
    assert unsure.status_code == 422
    assert office.client().get(f"/a/{office.token}").status_code == 200
    closed = admin.post(act, data={"csrf": form["csrf"], "sure": "yes"})
    assert "링크 1개를 닫았습니다" in admin.get(closed.headers["location"]).text
    assert office.client().get(f"/a/{office.token}").status_code == 410
    assert office.client().get(f"/a/{theirs}").status_code == 200, "those of another post open as before"
    with write(office.engine) as session:
        assert session.exec(select(AuditEntry.subject).where(AuditEntry.act == "links.close")).one() == (
            f"post:{office.post}"
        )
        again = office.link(session)
    assert office.client().get(f"/a/{again}").status_code == 200, "the next mail brings one that opens"
    assert admin.post("/people/999/links/close", data={"csrf": form["csrf"], "sure": "yes"}).status_code == 404


@pytest.mark.parametrize("csrf", ["", "0" * 64, "한글"])
def test_a_form_that_this_link_did_not_make_is_refused(office: WebOffice, csrf: str) -> None:
    before = office.everything()
    for path in (f"/a/{office.token}", f"/a/{office.token}/seen"):
        page = office.client().post(path, data={"csrf": csrf, f"kind-{office.milestones[LATE]}": "done"})
        assert page.status_code == 403
    assert office.everything() == before


def test_the_token_of_one_links_form_does_not_open_another(office: WebOffice) -> None:
    with write(office.engine) as session:
        other = office.link(session)
    form = fields(office.client().get(f"/a/{other}").text)
    assert office.client().post(f"/a/{office.token}", data=form).status_code == 403


def test_a_post_from_another_site_is_refused(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    form = fields(client.get(path).text)
    assert client.post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [("unknown", 404, "링크를 확인할 수 없습니다"), ("expired", 410, "기간이 지난"), ("revoked", 410, "더 쓸 수 없는")],
)
def test_a_link_that_does_not_work_says_what_to_do_and_nothing_else(
    office: WebOffice, state: str, status: int, words: str
) -> None:
    with write(office.engine) as session:
        token = office.link(session, days=31 if state == "expired" else 0)
        if state == "revoked":
            session.exec(select(AnswerLink).order_by(col(AnswerLink.id).desc())).first().revoked_at = NOW  # type: ignore[union-attr]
    token = "made-up" if state == "unknown" else token
    for page in (
        office.client().get(f"/a/{token}"),
        office.client().post(f"/a/{token}"),
        office.client().post(f"/a/{token}/seen"),
        office.client().get(f"/a/{token}/receipt?reports=1"),
    ):
        assert page.status_code == status
        assert words in page.text
        assert "한 번에 답하기" in page.text
        for secret in ("홍길동", "행정지원", *LABELS):
            assert secret not in page.text


def test_a_receipt_shows_reports_of_its_own_post_only(office: WebOffice) -> None:
    client = office.client()
    submit(client, f"/a/{office.token}", **{name("kind", office, LATE): "on_track"})
    with write(office.engine) as session:
        session.exec(select(StatusReport)).one().post_id = office.other_post
    page = client.get(f"/a/{office.token}/receipt?reports=1")
    assert page.status_code == 303


def test_many_items_come_a_page_at_a_time(engine: object, tmp_path: object) -> None:
    office = WebOffice(engine, tmp_path, extra=25)  # type: ignore[arg-type]
    first = office.client().get(f"/a/{office.token}").text
    second = office.client().get(f"/a/{office.token}?page=2").text
    assert "1 / 2쪽" in first
    assert first.count('class="card item') == 20
    assert second.count('class="card item') == 11
    sent = submit(office.client(), f"/a/{office.token}?page=2", **{name("kind", office, UNDATED): "no_change"})
    assert sent.status_code == 303


def test_the_deputy_of_an_absent_holder_answers_as_such(office: WebOffice) -> None:
    with write(office.engine) as session:
        deputy = Person(name="임꺽정", email="deputy@office.example")
        session.add(deputy)
        session.flush()
        holder = session.exec(select(Person).where(Person.name == "홍길동")).one()
        session.add(
            Absence(person_id=holder.id, deputy_id=deputy.id, from_on=date(2024, 10, 1), until_on=date(2024, 10, 5))
        )
    submit(office.client(), f"/a/{office.token}", **{name("kind", office, LATE): "no_change"})
    assert reports(office)[0].reported_by == "임꺽정 팀장 업무대행(홍길동)"


def test_an_answer_from_a_link_of_two_holders_names_both(office: WebOffice) -> None:
    with write(office.engine) as session:
        second = Person(name="성춘향", email="second@office.example")
        session.add(second)
        session.flush()
        session.add(Assignment(post_id=office.post, person_id=second.id, from_on=date(2024, 1, 1)))
    assert "홍길동 팀장, 성춘향 팀장" in office.client().get(f"/a/{office.token}").text
    submit(office.client(), f"/a/{office.token}", **{name("kind", office, LATE): "no_change"})
    assert reports(office)[0].reported_by == "홍길동 팀장, 성춘향 팀장"
    assert "팀장 외 1명" in office.admin().get("/").text


def test_where_nobody_holds_the_post_the_one_above_answers_in_its_stead(office: WebOffice) -> None:
    with write(office.engine) as session:
        session.exec(select(Person).where(Person.name == "홍길동")).one().bounced_at = NOW
    submit(office.client(), f"/a/{office.token}", **{name("kind", office, LATE): "no_change"})
    assert reports(office)[0].reported_by == "과장이 과장(행정지원팀장 대신)"


def test_a_change_keeps_who_when_and_why(office: WebOffice) -> None:
    typed = {"kind": "cancelled", "reason": "예산 미편성"}
    submit(office.client(), f"/a/{office.token}", **{name(key, office, FUZZY): value for key, value in typed.items()})
    with read(office.engine) as session:
        last = session.exec(
            select(MilestoneRevision)
            .where(MilestoneRevision.milestone_id == office.milestones[FUZZY])
            .order_by(col(MilestoneRevision.id).desc())
        ).first()
    assert last is not None
    assert last.changed_by == f"post:{office.post} 홍길동 팀장"
    assert last.reason == "예산 미편성"
    assert last.changed_at == NOW


def test_a_new_holder_accepts_what_was_handed_over(office: WebOffice) -> None:
    with write(office.engine) as session:
        session.add(
            Handover(
                post_id=office.post,
                effective_on=NOW.date(),
                leavers="홍길동",
                carried_out_at=NOW,
                notification_id=office.message,
            )
        )
    client = office.client()
    page = client.get(f"/a/{office.token}").text
    assert "홍길동님이 맡던 일정입니다" in page
    assert client.post(f"/a/{office.token}/accept", data={"csrf": "forged"}).status_code == 403
    sent = client.post(f"/a/{office.token}/accept", data={"csrf": fields(page)["csrf"]})
    assert sent.headers["location"] == f"/a/{office.token}?said=accepted"
    page = client.get(sent.headers["location"]).text
    assert "이어받으신 것으로 기록했습니다" in page
    assert "맡던 일정입니다" not in page
    with read(office.engine) as session:
        assert session.exec(select(Handover)).one().accepted_by == "홍길동 팀장"

"""A post's mail reaches whoever holds it that day, or the deputy, or the post above: never somebody who left."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session

from models import Absence, Person, Post, UnitKind
from schedules.people import Reach, Recipient, load_staff, reach
from schedules.responsibility import load_chart
from schedules.unreachable import hearing_posts, unreachable_posts
from tests.schedules.office import SmallOffice

DAY = date(2024, 9, 30)


@pytest.fixture
def office(session: Session) -> SmallOffice:
    return SmallOffice(session)


def names(found: Reach) -> list[str]:
    return [recipient.name for recipient in found.recipients]


def holder(session: Session, name: str) -> Person:
    from sqlmodel import select

    return session.exec(select(Person).where(Person.name == name)).one()


def test_the_holder_of_the_day_is_reached(session: Session, office: SmallOffice) -> None:
    found = reach(session, office.head, DAY)
    assert found == Reach((Recipient("홍길동", "홍길동@office.example", "팀장", "인사팀"),))


def test_a_change_of_staff_takes_effect_on_its_day(session: Session, office: SmallOffice) -> None:
    post = office.post(office.unit("감사팀", UnitKind.TEAM, office.department), "팀장")
    office.assign(post, office.person("떠난이"), until_on=DAY)
    office.assign(post, office.person("온이"), from_on=date(2024, 10, 1))
    assert names(reach(session, post, DAY)) == ["떠난이"]
    assert names(reach(session, post, date(2024, 10, 1))) == ["온이"]


def test_several_holders_all_hear(session: Session, office: SmallOffice) -> None:
    office.assign(office.head, office.person("공동팀장"))
    assert sorted(names(reach(session, office.head, DAY))) == ["공동팀장", "홍길동"]


def test_during_an_absence_the_deputy_hears_and_both_names_are_kept(session: Session, office: SmallOffice) -> None:
    away, deputy = holder(session, "홍길동").id, holder(session, "성춘향").id
    session.add(Absence(person_id=away, deputy_id=deputy, from_on=DAY, until_on=date(2024, 10, 4)))
    session.flush()
    found = reach(session, office.head, DAY)
    assert found.recipients == (Recipient("성춘향", "성춘향@office.example", "팀장", "인사팀", deputy_for="홍길동"),)
    assert names(reach(session, office.head, date(2024, 10, 5))) == ["홍길동"]


def test_a_deputy_who_is_away_too_is_passed_over(session: Session, office: SmallOffice) -> None:
    first, second, third = (holder(session, name).id for name in ("홍길동", "성춘향", "과장이"))
    session.add(Absence(person_id=first, deputy_id=second, from_on=DAY, until_on=DAY))
    session.add(Absence(person_id=second, deputy_id=third, from_on=DAY, until_on=DAY))
    session.flush()
    found = reach(session, office.head, DAY)
    assert names(found) == ["과장이"]
    assert found.recipients[0].stands_in_for == "인사팀장", "as the post above, not as the deputy's deputy"
    assert found.reason == "홍길동 팀장 부재, 업무대행 성춘향: 부재 중"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"left_on": DAY}, "홍길동 팀장: 퇴직·전출"),
        ({"email": None}, "홍길동 팀장: 전자우편 주소가 없음"),
        (
            {"bounced_at": datetime(2024, 9, 2, tzinfo=UTC)},
            "홍길동 팀장: 전자우편 주소(홍길동@office.example)로 보낼 수 없음",
        ),
    ],
)
def test_a_holder_who_cannot_be_reached_is_stood_in_for_by_the_post_above(
    session: Session, office: SmallOffice, change: dict[str, object], reason: str
) -> None:
    person = holder(session, "홍길동")
    for name, value in change.items():
        setattr(person, name, value)
    session.flush()
    found = reach(session, office.head, DAY)
    assert found.reason == reason
    assert [(one.name, one.post_title, one.stands_in_for) for one in found.recipients] == [
        ("과장이", "과장", "인사팀장")
    ]


def test_a_vacancy_climbs_until_somebody_is_found_and_may_end_with_nobody(
    session: Session, office: SmallOffice
) -> None:
    post = office.post(office.unit("감사팀", UnitKind.TEAM, office.department), "팀장")
    holder(session, "과장이").left_on = DAY
    session.flush()
    assert names(reach(session, post, DAY)) == ["국장이"]
    holder(session, "국장이").email = None
    session.flush()
    assert reach(session, post, DAY) == Reach((), "보임된 사람이 없습니다")


def test_unreachable_posts_are_listed_with_who_hears_instead(session: Session, office: SmallOffice) -> None:
    office.milestone("2024-10-31")
    assert unreachable_posts(session, DAY) == []
    holder(session, "홍길동").left_on = DAY
    session.flush()
    [found] = unreachable_posts(session, DAY)
    assert (found.unit, found.post, found.goes_to) == ("인사팀", "팀장", "행정지원과 과장 과장이")
    holder(session, "성춘향").email = None
    session.flush()
    assert len(unreachable_posts(session, DAY)) == 1, "a post that answers for nothing is no trouble"
    assert len(unreachable_posts(session, DAY, [office.head, office.other_head])) == 2


def test_a_post_is_unreachable_where_its_own_holder_would_get_no_mail(session: Session, office: SmallOffice) -> None:
    left, bounced, without, shared = (office.post(office.team, title) for title in ("가", "나", "다", "라"))
    office.assign(left, office.person("떠난이", left_on=DAY))
    office.assign(bounced, office.person("반송이", bounced_at=datetime(2024, 9, 1, tzinfo=UTC)))
    office.assign(without, office.person("주소없음", email=None))
    office.assign(shared, office.person("부재중"))
    office.assign(shared, office.person("남은이"))
    over, ahead = office.post(office.team, "마"), office.post(office.team, "바")
    office.assign(over, office.person("끝난이"), until_on=date(2024, 9, 29))
    office.assign(ahead, office.person("올이"), from_on=date(2024, 10, 1))
    for away, deputy in (("부재중", "떠난이"), ("홍길동", "남은이"), ("성춘향", "반송이")):
        people = holder(session, away).id, holder(session, deputy).id
        assert people[0] is not None
        assert people[1] is not None
        session.add(Absence(person_id=people[0], deputy_id=people[1], from_on=DAY, until_on=DAY))
    session.flush()
    whole = load_staff(session)
    for day in (DAY, date(2024, 10, 1)):
        found = {one.post_id: one.reason for one in unreachable_posts(session, day, whole.chart.posts)}
        reasons = {post_id: whole.reach(post_id, day).reason for post_id in whole.chart.posts}
        assert found == {post_id: reason for post_id, reason in reasons.items() if reason is not None}
    assert {left, bounced, without, over} <= found.keys()
    assert shared not in found


def test_who_hears_is_said_of_any_posts_as_of_the_whole_organisation(session: Session, office: SmallOffice) -> None:
    """What was merged climbs to the post that took it over; an item or a project may name a post of elsewhere."""
    other = office.unit("문화국", UnitKind.BUREAU)
    culture = office.unit("문화과", UnitKind.DEPARTMENT, other)
    closed = office.unit("옛팀", UnitKind.TEAM, culture)
    heads = [office.post(other, "국장"), office.post(culture, "과장"), office.post(closed, "팀장")]
    clerk, idle = office.post(office.team, "담당"), office.post(office.unit("빈팀", UnitKind.TEAM, culture), "팀장")
    session.get_one(Post, heads[2]).successor_id = office.other_head
    office.milestone("2024-10-31", post_id=heads[2])
    office.make_project("끝난 사업", culture).closed_at = office.activated_at
    owned = office.make_project("담당이 있는 사업", office.other_team)
    owned.post_id = clerk
    office.milestone("2024-11-30", project=owned)
    session.flush()
    chart = load_chart(session)
    hears = {heads[2], office.other_head, clerk, office.head}
    hears |= {above for post_id in hears for above in chart.posts_above(post_id)}
    assert heads[1] not in hears
    for asked in ([one] for one in chart.posts):
        assert hearing_posts(session, asked)[0] == hears & set(asked), asked
    assert hearing_posts(session, chart.posts)[0] == hears
    assert hearing_posts(session, [idle, heads[0]])[0] == set()


def test_a_head_whom_a_report_would_not_reach_is_known_before_it_climbs(session: Session, office: SmallOffice) -> None:
    office.milestone("2024-10-31")
    holder(session, "국장이").email = None
    session.flush()
    [found] = unreachable_posts(session, DAY)
    assert (found.unit, found.post, found.goes_to) == ("행정국", "국장", None)


def test_a_milestone_belongs_to_its_own_post_its_project_s_or_the_nearest_head(
    session: Session, office: SmallOffice
) -> None:
    chart = load_chart(session)
    units = chart.units_up(office.team.id)
    assert units == (office.team.id, office.department.id, office.bureau.id)
    assert chart.responsible(milestone_post=7, project_post=8, units=units) == 7
    assert chart.responsible(milestone_post=None, project_post=8, units=units) == 8
    assert chart.responsible(milestone_post=None, project_post=None, units=units) == office.head
    assert chart.responsible(milestone_post=None, project_post=None, units=units[1:]) == office.department_head
    assert chart.responsible(milestone_post=None, project_post=None, units=()) is None


def test_levels_climb_from_a_clerk_to_the_bureau(session: Session, office: SmallOffice) -> None:
    clerk = office.post(office.team, "담당")
    chart = load_chart(session)
    assert [chart.raised(clerk, level) for level in range(5)] == [
        clerk,
        office.head,
        office.department_head,
        office.bureau_head,
        None,
    ]
    assert chart.name_of(office.head) == "인사팀장"
    assert chart.name_of(office.department_head) == "행정지원과장"
    assert chart.name_of(clerk) == "인사팀 담당"


def test_everybody_is_read_in_a_few_statements(session: Session, office: SmallOffice) -> None:
    staff = load_staff(session)
    assert all(staff.reach(post, DAY).recipients for post in staff.chart.posts)

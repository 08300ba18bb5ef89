"""What is read around a few posts answers about them as the whole organisation does."""

from datetime import date

import pytest
from sqlmodel import Session

from models import Absence, Post, UnitKind
from schedules.items import load_chart_about
from schedules.people import load_staff, load_staff_of
from schedules.responsibility import load_chart, load_chart_around, load_chart_under
from tests.schedules.office import SmallOffice

DAYS = (date(2024, 9, 2), date(2024, 9, 10), date(2024, 12, 31))


@pytest.fixture
def office(session: Session) -> SmallOffice:
    """With a deputy who is away too, a post nobody holds, and a unit that has nothing to do with the others."""
    office = SmallOffice(session)
    away, deputy = office.person("휴가자"), office.person("대행자")
    office.assign(office.post(office.team, "차석"), away)
    for person, other in ((away, deputy), (deputy, away)):
        session.add(Absence(person_id=person, deputy_id=other, from_on=date(2024, 9, 9), until_on=date(2024, 9, 11)))
    office.post(office.other_team, "담당")
    session.flush()
    return office


def test_around_each_post_alone(session: Session, office: SmallOffice) -> None:
    whole = load_staff(session)
    for post_id in whole.chart.posts:
        chart = load_chart_around(session, [post_id], [])
        staff = load_staff_of(session, chart)
        assert len(chart.units) <= 3
        assert list(chart.posts_above(post_id)) == list(whole.chart.posts_above(post_id))
        for day in DAYS:
            assert staff.reach(post_id, day) == whole.reach(post_id, day)


def test_around_a_unit(session: Session, office: SmallOffice) -> None:
    assert office.team.id is not None
    chart, whole = load_chart_around(session, [], [office.team.id]), load_chart(session)

    assert chart.units_up(office.team.id) == whole.units_up(office.team.id)
    assert office.other_team.id not in chart.units


def test_around_a_unit_whose_head_s_post_was_taken_over(session: Session, office: SmallOffice) -> None:
    taking_over = office.post(office.unit("감사과", UnitKind.DEPARTMENT), "과장")
    session.get_one(Post, office.department_head).successor_id = taking_over
    session.flush()
    assert office.team.id is not None
    chart, whole = load_chart_around(session, [], [office.team.id]), load_chart(session)

    assert list(chart.posts_above(office.head)) == list(whole.posts_above(office.head))
    assert taking_over in chart.posts_above(office.head)


def test_under_each_post_stand_the_units_that_it_leads(session: Session, office: SmallOffice) -> None:
    office.unit("빈팀", UnitKind.TEAM, office.department)
    whole = load_chart(session)
    for post_id, post in whole.posts.items():
        chart = load_chart_under(session, post_id)
        assert all(post.unit_id in whole.units_up(unit_id) for unit_id in chart.units)
        assert sorted(chart.led_by(post_id)) == sorted(whole.led_by(post_id))
    assert len(whole.led_by(office.department_head)) == 2, "its own and the one without a head"


def test_about_a_milestone(session: Session, office: SmallOffice) -> None:
    milestone = office.milestone("2024-10-31", post_id=office.other_head)
    assert milestone.id is not None
    chart, whole = load_chart_about(session, [milestone.id]), load_chart(session)

    assert list(chart.posts_above(office.other_head)) == list(whole.posts_above(office.other_head))
    assert chart.units_up(office.team.id) == whole.units_up(office.team.id)

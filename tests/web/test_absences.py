"""Absences entered in the console: by the admin of the person's units, refused with the field marked."""

import pytest
from sqlmodel import select

from models import Absence, AuditEntry, Person, Role
from models.database import read, write
from tests.web.office import WebOffice, fields, on_sqlite

AWAY = {
    "person": "lead@office.example",
    "deputy": "head@office.example",
    "from": "2024. 10. 2.",
    "until": "2024. 10. 11.",
    "reason": "출장",
}


def test_an_absence_is_entered_shown_and_taken_out_again(office: WebOffice) -> None:
    admin = office.admin()
    page = admin.get("/absences?person=lead@office.example").text
    assert fields(page)["person"] == "lead@office.example"
    assert "행정지원팀장 홍길동" in page
    assert admin.post("/absences", data=fields(page) | AWAY).headers["location"] == "/absences?said=kept"
    assert "업무대행 과장이" in admin.get("/absences").text
    assert "과장이 팀장 업무대행(홍길동)님" in office.client().get(f"/a/{office.token}").text
    form = fields(admin.get("/absences").text)
    assert admin.post("/absences/1/remove", data=form).headers["location"] == "/absences?said=gone"
    assert office.count(Absence) == 0
    with read(office.engine) as session:
        acts = session.exec(select(AuditEntry.act).where(AuditEntry.subject == "absence:1")).all()
    assert acts == ["absence.set", "absence.remove"]


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"person": "nobody@office.example"}, "person"),
        ({"deputy": "lead@office.example"}, "deputy"),
        ({"deputy": "nobody@office.example"}, "deputy"),
        ({"from": "내일"}, "from"),
        ({"until": "2024. 9. 1."}, "until"),
        ({"reason": "가" * 41}, "reason"),
    ],
)
def test_an_absence_that_cannot_be_marks_its_field_and_keeps_the_words(
    office: WebOffice, changes: dict[str, str], field: str
) -> None:
    admin = office.admin()
    refused = admin.post("/absences", data=fields(admin.get("/absences").text) | AWAY | changes)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text.partition(f'id="{field}"')[2].partition(">")[0]
    assert fields(refused.text)[field] == changes[field]
    assert office.count(Absence) == 0


def test_an_admin_of_other_units_neither_sees_nor_enters_it(office: WebOffice) -> None:
    with write(office.engine) as session:
        from models import Unit, UnitKind

        other = Unit(name="다른국", kind=UnitKind.BUREAU)
        session.add(other)
        session.flush()
        unit = other.id
        assert session.exec(select(Person)).first() is not None
    admin = office.admin()
    admin.post("/absences", data=fields(admin.get("/absences").text) | AWAY)
    outsider = office.member((Role.ADMIN, unit))
    page = outsider.get("/absences").text
    assert "홍길동" not in page
    refused = outsider.post("/absences", data=fields(page) | AWAY | {"from": "2024. 12. 2.", "until": "2024. 12. 3."})
    assert "맡은 부서의 사람이 아닙니다" in refused.text
    assert outsider.post("/absences/1/remove", data=fields(page)).status_code == 404
    assert office.count(Absence) == 1

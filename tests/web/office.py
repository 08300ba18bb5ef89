"""An office with something of everything: 1국 1과 2팀, two projects, items late, due, ahead and undated."""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import Engine, func, select
from sqlmodel import Session, SQLModel, col
from starlette.testclient import TestClient

from models import (
    Account,
    AccountRole,
    Assignment,
    AttemptOutcome,
    BudgetLine,
    DeliveryAttempt,
    Document,
    Finding,
    Installation,
    LoginLink,
    Milestone,
    MilestoneKind,
    MilestoneRevision,
    MilestoneStatus,
    Notification,
    NotificationKind,
    NotificationState,
    Person,
    Post,
    Problem,
    Project,
    ProjectText,
    Reminder,
    ReminderState,
    RequestReason,
    Role,
    SectionKind,
    Severity,
    StatusRequest,
    StatusRequestItem,
    Unit,
    UnitKind,
)
from models.database import read, write
from notifications.links import make_link
from schedules.activation import activate
from schedules.rules import install_default_rules
from settings import Settings, load_settings
from web.access import COOKIE
from web.app import make_app
from web.sign_in import open_session, write_cookie

NOW = datetime(2024, 10, 2, 1, 0, tzinfo=UTC)  # 2024. 10. 2.(수) 10:00 in Seoul
SCRIPT = "<script>alert(1)</script>"
RESULTS = ("- 로비 리모델링 공사 공정률 70%(2024. 8월 기준)", "- LED 조명 교체 완료")
TEXT = "# 2024년 주요업무 진행사항 보고\n\n- 청사 로비 리모델링 공사 준공 : 2024. 9월중\n구분\t합계\n구비\t1,250\n"

LATE, TODAY, THIS_WEEK, UPCOMING, FUZZY, UNDATED = range(6)
LABELS = (
    "청사 로비 리모델링 공사 준공",
    "북카페 개소",
    "안전교육 실시",
    "심야축열 시스템 구축",
    "입주기업 협약",
    "운영방식 협의",
)
WINDOWS: tuple[tuple[str, str, date | None, date | None, MilestoneKind], ...] = (
    ("2024. 9월중", "month", date(2024, 9, 1), date(2024, 9, 30), MilestoneKind.COMPLETION),
    ("2024. 10. 2.", "day", date(2024, 10, 2), date(2024, 10, 2), MilestoneKind.OPENING),
    ("2024. 10. 4.", "day", date(2024, 10, 4), date(2024, 10, 4), MilestoneKind.TRAINING),
    ("2024. 11. 15.", "day", date(2024, 11, 15), date(2024, 11, 15), MilestoneKind.CONSTRUCTION),
    ("2024. 12월", "month", date(2024, 12, 1), date(2024, 12, 31), MilestoneKind.CONTRACT),
    ("예산 확보 후", "none", None, None, MilestoneKind.MEETING),
)


# For what a page refuses before any row is looked at: one database is as good as two.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class WebOffice:
    """The rows, the application on them, and a link to the team's form. `milestones` in the order of `LABELS`."""

    def __init__(self, engine: Engine, folder: Path, *, activated: bool = True, extra: int = 0) -> None:
        self.engine = engine
        self.clock = Clock()
        self.settings: Settings = load_settings(
            {
                "DDAY_SECRET_KEY": "a-secret-for-tests-only",
                "DDAY_BASE_URL": "http://testserver",
                "DDAY_PAGES_A_MINUTE": "0",
            },
            data=folder,
        )
        self.app = make_app(self.settings, engine, self.clock)
        for desk in (self.app.state.desk, self.app.state.previews):
            desk.patience_seconds = 60  # what is asked for is done before its page is shown
        with write(engine) as session:
            self._lay(session, extra)
            if activated:
                activate(session, NOW - timedelta(days=31), self.settings, by="admin")
            self._send(session)
            self.token = self.link(session)

    def link(self, session: Session, days: int = 0) -> str:
        """The secret part of a new link of the team's post, made `days` ago, in the mail that was sent."""
        made_at = NOW - timedelta(days=days)
        return make_link(session, self.post, self.message, made_at, self.settings).rpartition("/")[2]

    def client(self) -> TestClient:
        """Somebody without a session; sends no cookie on to where it does not belong, follows nothing."""
        return TestClient(self.app, follow_redirects=False)

    def admin(self) -> TestClient:
        """Signed in through a one-time address, as an admin does."""
        client = self.client()
        assert client.post(f"/login/{self.login()}").status_code == 303
        return client

    def member(self, *roles: tuple[Role, int | None], name: str = "") -> TestClient:
        """Signed in with an account that has these roles, each in a unit or (None) in the whole office."""
        client = self.client()
        with write(self.engine) as session:
            account = Account(name=name or f"member-{secrets.token_hex(4)}", created_at=NOW, totp_seed="seed")
            session.add(account)
            session.flush()
            assert account.id is not None
            session.add_all(AccountRole(account_id=account.id, role=role, unit_id=unit) for role, unit in roles)
            token = open_session(session, account.id, self.clock.now, "testclient")
        client.cookies.set(COOKIE, write_cookie(self.settings, token, self.clock.now))
        return client

    def login(self, token: str = "", hours: int = 1) -> str:
        token = token or f"way-in-{datetime.now(UTC).timestamp()}"
        with write(self.engine) as session:
            digest = sha256(token.encode()).hexdigest()
            session.add(LoginLink(token_sha256=digest, created_at=NOW, expires_at=NOW + timedelta(hours=hours)))
        return token

    def milestone(self, which: int) -> Milestone:
        with read(self.engine) as session:
            return session.get_one(Milestone, self.milestones[which])

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table: to see that nothing has changed."""
        with read(self.engine) as session:
            return {
                table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for table in SQLModel.metadata.sorted_tables
            }

    def count(self, table: type[SQLModel]) -> int:
        with read(self.engine) as session:
            return session.execute(select(func.count()).select_from(table)).scalar_one()

    # ------------------------------------------------------------------------------------------ the rows

    def _lay(self, session: Session, extra: int) -> None:
        def add(row: SQLModel) -> int:
            session.add(row)
            session.flush()
            found: int = row.id  # type: ignore[attr-defined]
            return found

        session.add(Installation(created_at=NOW, clock_last_tick_at=NOW))
        install_default_rules(session)
        self.document = add(
            Document(
                title="2024년 주요업무 진행사항 보고",
                as_of_on=date(2024, 9, 1),
                sha256="0" * 64,
                file_name="report.md",
                text=TEXT,
                imported_at=NOW - timedelta(days=31),
                imported_by="admin",
            )
        )
        bureau = add(Unit(name="행정안전국", kind=UnitKind.BUREAU))
        department = self.department = add(Unit(name="행정지원과", kind=UnitKind.DEPARTMENT, parent_id=bureau))
        team = self.team = add(Unit(name="행정지원팀", kind=UnitKind.TEAM, parent_id=department))
        other = add(Unit(name="인사팀", kind=UnitKind.TEAM, parent_id=department))
        self.elsewhere = add(Unit(name="문화체육국", kind=UnitKind.BUREAU, position=1))
        add(Post(unit_id=bureau, title="국장"))
        self.head = add(Post(unit_id=department, title="과장"))
        self.post = add(Post(unit_id=team, title="팀장"))
        self.other_post = add(Post(unit_id=other, title="팀장"))
        for post, name, email in (
            (self.head, "과장이", "head@office.example"),
            (self.post, "홍길동", "lead@office.example"),
        ):
            person = add(Person(name=name, email=email))
            add(Assignment(post_id=post, person_id=person, from_on=date(2024, 1, 1)))
        self.project = add(
            Project(
                document_id=self.document,
                unit_id=department,
                team_id=team,
                team_confidence=0.83,
                number=1,
                title="종합청사 전면 개보수 추진",
                line=1,
                period_raw="2024. 2.~11.",
                location="금천구청",
            )
        )
        self.foreign_project = add(
            Project(document_id=self.document, unit_id=department, team_id=other, number=2, title="내부청렴도 향상")
        )
        lines = ((SectionKind.RESULTS, "추진실적", RESULTS), (SectionKind.NEXT_STEPS, "향후추진계획", ("- 협의 계속",)))
        for section, heading, texts in lines:
            for position, text in enumerate(texts):
                add(
                    ProjectText(
                        project_id=self.project,
                        document_id=self.document,
                        section=section,
                        heading=heading,
                        position=position,
                        text=text,
                        line=3,
                    )
                )
        add(Problem(project_id=self.project, document_id=self.document, problem="전력 증가", measure="절감 운영"))
        for position, (source, year, amount) in enumerate(
            (("구비", None, 1250), ("구비", 2024, 2500), ("시비", 2024, -1250))
        ):
            add(
                BudgetLine(
                    project_id=self.project,
                    document_id=self.document,
                    position=position,
                    source=source,
                    year=year,
                    amount=amount,
                )
            )
        self.milestones = [
            self._milestone(session, self.project, label, *window)
            for label, window in zip(LABELS, WINDOWS, strict=True)
        ]
        self.foreign = self._milestone(session, self.foreign_project, "인사제도 협의회", *WINDOWS[UPCOMING])
        for number in range(extra):
            self._milestone(session, self.project, f"추가 일정 {number + 1}", *WINDOWS[UPCOMING])
        for code, severity in (("weekday-mismatch", Severity.ERROR), ("stale-plan", Severity.NOTE)):
            self.finding = add(
                Finding(
                    document_id=self.document,
                    project_id=self.project,
                    code=code,
                    severity=severity,
                    line=3,
                    message=f"요일이 날짜와 다릅니다 {SCRIPT}",
                    expected="(월)",
                    found="(화)",
                )
            )

    def _milestone(
        self,
        session: Session,
        project: int,
        label: str,
        raw: str,
        precision: str,
        start: date | None,
        end: date | None,
        kind: MilestoneKind,
    ) -> int:
        milestone = Milestone(
            project_id=project,
            document_id=self.document,
            label=label,
            section="향후추진계획",
            line=3,
            raw=raw,
            start_on=start,
            end_on=end,
            precision=precision,
            tentative=raw.endswith("중"),
            kind=kind,
            status=MilestoneStatus.PLANNED,
            is_deadline=end is not None,
            baseline_raw=raw,
            baseline_start_on=start,
            baseline_end_on=end,
            status_since=NOW - timedelta(days=31),
        )
        session.add(milestone)
        session.flush()
        assert milestone.id is not None
        session.add(
            MilestoneRevision(
                milestone_id=milestone.id,
                changed_at=NOW - timedelta(days=31),
                changed_by="import",
                reason="문서 등록",
                status_after=MilestoneStatus.PLANNED,
                raw_after=raw,
                start_after=start,
                end_after=end,
            )
        )
        return milestone.id

    def _send(self, session: Session) -> None:
        """One mail that has gone out and asked about the late item, one that failed."""
        message = Notification(
            key=f"post:{self.post}/email/morning/2024-10-02T09:00",
            post_id=self.post,
            channel="email",
            kind=NotificationKind.MORNING,
            slot_at=NOW - timedelta(hours=1),
            state=NotificationState.SENT,
            recipients=[{"name": "홍길동", "post": "팀장", "unit": "행정지원팀", "email": "lead@office.example"}],
            subject="[일정 알림] 지연 1건 - 행정지원팀",
            text="홍길동 팀장님",
            html="<html><head></head><body><p>홍길동 팀장님</p></body></html>",
            created_at=NOW - timedelta(hours=1),
            sent_at=NOW - timedelta(hours=1),
        )
        failed = Notification(
            key=f"post:{self.other_post}/email/morning/2024-10-02T09:00",
            post_id=self.other_post,
            channel="email",
            kind=NotificationKind.MORNING,
            slot_at=NOW - timedelta(hours=1),
            state=NotificationState.FAILED,
            subject="[일정 알림] 오늘 1건 - 인사팀",
            error="받을 사람이 없습니다",
            created_at=NOW - timedelta(hours=1),
        )
        session.add_all([message, failed])
        session.flush()
        assert message.id is not None
        assert failed.id is not None
        self.message, self.failed = message.id, failed.id
        session.add(
            DeliveryAttempt(
                notification_id=self.failed,
                attempted_at=NOW,
                address="gone@office.example",
                outcome=AttemptOutcome.PERMANENT,
                response="550 5.1.1 no such user",
            )
        )
        late = col(Reminder.milestone_id) == self.milestones[LATE]
        for reminder in session.scalars(select(Reminder).where(late).limit(1)):
            reminder.state, reminder.notification_id = ReminderState.DISPATCHED, self.message
        asked = StatusRequest(
            key=f"post:{self.post}/milestone:{self.milestones[LATE]}/2024-09-30",
            post_id=self.post,
            reason=RequestReason.DEADLINE,
            requested_at=NOW - timedelta(hours=1),
            due_at=NOW + timedelta(days=7),
        )
        session.add(asked)
        session.flush()
        assert asked.id is not None
        session.add(StatusRequestItem(request_id=asked.id, milestone_id=self.milestones[LATE]))


def fields(page: str) -> dict[str, str]:
    """What a browser would send from this page if nobody touched it: hidden, text and checked fields, textareas."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: dict[str, str] = {}
            self.area: str | None = None

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            name = given.get("name")
            if not name:
                return
            if tag == "textarea":
                self.area, self.found[name] = name, ""
            elif tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
                self.found[name] = given.get("value") or ""

        def handle_data(self, data: str) -> None:
            if self.area is not None:
                self.found[self.area] += data

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea" and self.area is not None:
                self.found[self.area] = self.found[self.area].removeprefix("\n")
                self.area = None

    reader = Reader()
    reader.feed(page)
    return reader.found


def submit(client: TestClient, path: str, **changes: str) -> Response:
    """Loads the page, changes fields (`kind_12` is `kind-12`), and sends its form."""
    form = fields(client.get(path).text)
    return client.post(path, data=form | {name.replace("_", "-"): value for name, value in changes.items()})

"""A morning's worth of items, and the people who hear of them: values only, for composing."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from models import Ask, MilestoneKind, MilestoneStatus, NotificationKind
from notifications.digest import Digest, Item, arrange
from notifications.letterhead import Letterhead
from schedules.people import Recipient

SEOUL = ZoneInfo("Asia/Seoul")
TODAY = date(2024, 9, 30)
NINE = datetime(2024, 9, 30, 0, 0, tzinfo=UTC)
FRIDAY_EVENING = datetime(2024, 10, 4, 18, 0, tzinfo=SEOUL)
LINK = "http://dday.office.example/a/Y2hlY2staXQtaWYteW91LWNhbi1yZWFk"
HEAD = Letterhead("주요업무 알림", "dday@office.example", "총괄 담당자(행정지원과, 내선 1234)", SEOUL)
HONG = Recipient("홍길동", "hong@office.example", "팀장", "행정지원팀")
DEPUTY = Recipient("성춘향", "seong@office.example", "팀장", "행정지원팀", deputy_for="홍길동")
ABOVE = Recipient("임꺽정", "lim@office.example", "과장", "행정지원과", stands_in_for="행정지원팀장")


def item(number: int, label: str, due: str | None = None, *asks: Ask, **more: object) -> Item:
    """An item due on one firm day, unless said otherwise."""
    due_on = date.fromisoformat(due) if due else None
    values: dict[str, object] = {
        "milestone_id": number,
        "label": label,
        "project": "종합청사 전면 개보수",
        "kind": MilestoneKind.COMPLETION,
        "status": MilestoneStatus.PLANNED,
        "asks": frozenset(asks or (Ask.UPCOMING,)),
        "due_on": due_on,
        "raw": f"{due_on.year}. {due_on.month}. {due_on.day}." if due_on else "예산 확보 후",
        "start_on": due_on,
        "end_on": due_on,
        "is_firm": due_on is not None,
        "time": None,
        "state": "예정 (9. 1.(일) 기준 보고서)",
        **more,
    }
    return Item(**values)  # type: ignore[arg-type]


OVERDUE = item(
    1,
    "가산동주민센터 문화복합공간 준공",
    "2024-09-25",
    Ask.OVERDUE,
    project="가산동주민센터 건립",
    state="정상 추진, 공정률 92% (9. 3.(화) 보고)",
)
DUE_TODAY = item(
    2,
    "청사 로비 리모델링 공사 준공",
    "2024-09-30",
    Ask.TODAY,
    Ask.STATUS,
    raw="2024. 9월중",
    start_on=date(2024, 9, 1),
    is_firm=False,
)
MEETING = item(3, "직원 소통 간담회", "2024-10-02", kind=MilestoneKind.MEETING, time="14:00", project="조직문화 개선")
LATER = item(
    4,
    "개별 냉난방 시스템 추가 발주",
    "2024-10-31",
    raw="2024. 9~10월",
    start_on=date(2024, 9, 1),
    baseline="2024. 9월",
    sequence=1,
)
FUZZY = item(
    5,
    "공유재산 심의회 개최",
    "2024-11-01",
    Ask.CONFIRM_DATE,
    raw="2024. 11월중",
    end_on=date(2024, 11, 30),
    is_firm=False,
    project="공유재산 관리",
)
UNDATED = item(6, "주차장 2단계 추진", None, Ask.CHECK, owner="청사관리팀장", project="청사 주차장 조성")
QUIET = item(8, "별관 증축 설계 완료", "2025-06-30", Ask.QUIET, project="별관 증축")
BESIDE = item(9, "어린이공원 정비 준공", "2024-10-07", is_beside=True, owner="공원조성팀장", project="어린이공원 정비")
STALE = item(7, "매점 입점", "2024-09-20", Ask.STATUS)
ALL = (OVERDUE, DUE_TODAY, MEETING, LATER, FUZZY, UNDATED, STALE)


def digest(*items: Item, kind: NotificationKind = NotificationKind.MORNING, **more: object) -> Digest:
    values: dict[str, object] = {
        "key": "post:12/email/morning/2024-09-30T09:00",
        "kind": kind,
        "unit": "행정지원팀",
        "post": "팀장",
        "today": TODAY,
        "slot_at": NINE,
        "parts": arrange(items, TODAY),
        "answer_by": FRIDAY_EVENING,
        **more,
    }
    return Digest(**values)  # type: ignore[arg-type]

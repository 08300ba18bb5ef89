"""What a mail calls the values of our columns, in the office's words."""

from models import Ask, MilestoneStatus, StatusKind

STATUS = {
    MilestoneStatus.PLANNED: "예정",
    MilestoneStatus.IN_PROGRESS: "추진 중",
    MilestoneStatus.DELAYED: "지연",
    MilestoneStatus.DONE: "완료",
    MilestoneStatus.CANCELLED: "중단",
}
REPORTED = {
    StatusKind.DONE: "완료",
    StatusKind.ON_TRACK: "정상 추진",
    StatusKind.DELAYED: "지연",
    StatusKind.RESCHEDULED: "일정 변경",
    StatusKind.CANCELLED: "중단",
    StatusKind.NO_CHANGE: "변동 없음",
}
RULE = {
    Ask.UPCOMING: "다가오는 일정 알림",
    Ask.TODAY: "당일 알림",
    Ask.OVERDUE: "기한이 지난 일정 알림",
    Ask.CONFIRM_DATE: "일자 확인",
    Ask.STATUS: "기한이 된 일정의 진행상황 요청",
    Ask.CHECK: "날짜 없는 계획의 추진 여부 확인",
    Ask.QUIET: "오래 소식이 없는 사업의 진행상황 확인",
    Ask.ESCALATION: "답이 없는 일정의 상급자 보고",
}

WEEKLY = "매주 한 번 보내는 지연 보고"


def rule(name: str, ask: Ask) -> str:
    """A rule as a mail names it: by the admin's Korean name, else by what it asks."""
    return name if any("가" <= letter <= "힣" for letter in name) else RULE[ask]

"""진행상황 보고: what a post answered about one milestone, kept for ever as it was given."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import enum_type


class StatusKind(StrEnum):
    DONE = "done"  # 완료
    ON_TRACK = "on_track"  # 정상 추진
    DELAYED = "delayed"  # 지연 (사유)
    RESCHEDULED = "rescheduled"  # 일정 변경 (새 날짜, 사유)
    CANCELLED = "cancelled"  # 중단 (사유)
    NO_CHANGE = "no_change"  # 변동 없음


class StatusReport(SQLModel, table=True):
    __tablename__ = "status_report"

    id: int | None = Field(default=None, primary_key=True)
    milestone_id: int = Field(foreign_key="milestone.id", index=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    round_id: int | None = Field(default=None, foreign_key="collection_round.id", index=True)
    reported_at: datetime
    reported_by: str  # post and person as they were known then
    kind: StatusKind = Field(sa_type=enum_type(StatusKind))
    reason: str = ""
    percent_complete: int | None = None
    results: str = ""
    problems: str = ""
    measures: str = ""
    next_steps: str = ""
    new_raw: str | None = None
    new_start_on: date | None = None
    new_end_on: date | None = None

"""The nouns: one file a concept, no rules about time or mail."""

import models.columns  # noqa: F401  # isort: skip  (names the constraints, so it comes before any table)
from models.account import Account, AccountRole, KnownBrowser, LoginLink, RecoveryCode, Role, WebSession
from models.attachment import Attachment
from models.audit import AuditEntry
from models.budget import BudgetLine
from models.collection import CollectionRound, CollectionSchedule, KeptEdition, RoundState
from models.delegation import Delegation
from models.document import Document, Finding, Severity
from models.escalation import EscalationPause
from models.import_draft import ImportDraft, ImportKind
from models.installation import HolidayDeadline, Installation
from models.link import AnswerLink, CalendarFeed
from models.mail_wish import MailWish, OptionalKind
from models.milestone import (
    OPEN_STATUSES,
    Milestone,
    MilestoneKind,
    MilestoneOwner,
    MilestoneRevision,
    MilestoneStatus,
    OwnerRole,
)
from models.notification import (
    AttemptOutcome,
    ChannelName,
    DeliveryAttempt,
    Notification,
    NotificationItem,
    NotificationKind,
    NotificationState,
)
from models.office_day import OfficeDay, OfficeDayKind
from models.pace import Pace
from models.post import Absence, Assignment, Handover, Person, Post
from models.project import Problem, Project, ProjectText, SectionKind
from models.reminder import BESIDE, Ask, Reminder, ReminderState, WhichEnd
from models.reorganisation import FormerHome, FormerPost, FormerUnit, Reorganisation
from models.request import RequestReason, RequestState, StatusRequest, StatusRequestItem
from models.rule import Certainty, EscalationStep, OffsetUnit, ReminderRule, RepeatUntil
from models.status_report import StatusKind, StatusReport
from models.supporting import SupportingPost
from models.unit import StaffCount, Unit, UnitDuty, UnitKind

__all__ = [
    "BESIDE",
    "OPEN_STATUSES",
    "Absence",
    "Account",
    "AccountRole",
    "AnswerLink",
    "Ask",
    "Assignment",
    "Attachment",
    "AttemptOutcome",
    "AuditEntry",
    "BudgetLine",
    "CalendarFeed",
    "Certainty",
    "ChannelName",
    "CollectionRound",
    "CollectionSchedule",
    "Delegation",
    "DeliveryAttempt",
    "Document",
    "EscalationPause",
    "EscalationStep",
    "Finding",
    "FormerHome",
    "FormerPost",
    "FormerUnit",
    "Handover",
    "HolidayDeadline",
    "ImportDraft",
    "ImportKind",
    "Installation",
    "KeptEdition",
    "KnownBrowser",
    "LoginLink",
    "MailWish",
    "Milestone",
    "MilestoneKind",
    "MilestoneOwner",
    "MilestoneRevision",
    "MilestoneStatus",
    "Notification",
    "NotificationItem",
    "NotificationKind",
    "NotificationState",
    "OfficeDay",
    "OfficeDayKind",
    "OffsetUnit",
    "OptionalKind",
    "OwnerRole",
    "Pace",
    "Person",
    "Post",
    "Problem",
    "Project",
    "ProjectText",
    "RecoveryCode",
    "Reminder",
    "ReminderRule",
    "ReminderState",
    "Reorganisation",
    "RepeatUntil",
    "RequestReason",
    "RequestState",
    "Role",
    "RoundState",
    "SectionKind",
    "Severity",
    "StaffCount",
    "StatusKind",
    "StatusReport",
    "StatusRequest",
    "StatusRequestItem",
    "SupportingPost",
    "Unit",
    "UnitDuty",
    "UnitKind",
    "WebSession",
    "WhichEnd",
]

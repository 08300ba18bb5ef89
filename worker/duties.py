"""What the clock does beside looking: plan anew every night, tidy up, watch. Several clocks may do each at once."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Engine, delete, text
from sqlmodel import Session, col

from models import AnswerLink, LoginLink, WebSession
from models.database import read, write
from notifications.deliver import never
from notifications.prune import Pruned, prune_audit, prune_mails
from schedules.office_days import load_calendar
from schedules.plan import PlanChange, milestones_to_plan, replan
from settings import Settings
from worker.admin_mail import letters_wait, send_letters
from worker.alarm import tell_admin
from worker.clock import Duty
from worker.mail_server import mail_channel
from worker.morning_letter import tell_morning
from worker.tick import Clock
from worker.watch import watch

log = structlog.get_logger()

WATCH_SECONDS = 60
MILESTONES_AT_ONCE = 20_000  # planned in some seconds; the chart is read anew for each lot
LINKS_KEPT = timedelta(days=180)  # after their end: until then an old link says that it has ended
LOGINS_KEPT = timedelta(days=7)


def make_duties(
    engine: Engine, settings: Settings, clock: Clock, stopping: Callable[[], bool] = never
) -> tuple[Duty, ...]:
    """At night, since planning anew touches many rows: new holidays of a new version, people and posts that changed."""
    return (
        Duty(
            "replan",
            lambda: plan_anew(engine, settings, clock, stopping),
            CronTrigger(hour=2, minute=30, timezone=settings.timezone),
        ),
        Duty("tidy", lambda: tidy(engine, clock), CronTrigger(hour=3, minute=30, timezone=settings.timezone)),
        Duty(
            "prune",
            lambda: prune(engine, settings, clock, stopping),
            CronTrigger(hour="1,4", minute=0, timezone=settings.timezone),
        ),
        Duty("watch", lambda: watch_and_tell(engine, settings, clock), IntervalTrigger(seconds=WATCH_SECONDS)),
    )


def plan_anew(
    engine: Engine, settings: Settings, clock: Clock, stopping: Callable[[], bool] = never
) -> PlanChange | None:
    """Every reminder as the rules, the calendar and the milestones want it now; None when another clock is at it.

    In lots that commit, so that no answer waits for the whole country's plan. What is stopped in between is right as
    far as it came; the next night begins anew.
    """
    with read(engine) as session:
        ids = milestones_to_plan(session)
    change = PlanChange()
    for first in range(0, len(ids), MILESTONES_AT_ONCE):
        if stopping():
            break
        with write(engine) as session:
            if not _alone(session, "replan"):
                return None
            some = ids[first : first + MILESTONES_AT_ONCE]
            change += replan(session, clock(), settings, load_calendar(session), some)
    log.info("plan.renewed", planned=change.planned, cancelled=change.cancelled, moved=change.moved)
    return change


def watch_and_tell(engine: Engine, settings: Settings, clock: Clock) -> None:
    """Audits, and writes to the admin: once a day what does not hold, and each morning how far the open rounds are."""
    faults = watch(engine, settings, clock)
    if settings.admin_email is None:
        return
    now = clock()
    tell_admin(engine, settings, now, faults)
    tell_morning(engine, settings, now)
    if letters_wait(engine, now):
        with mail_channel(settings, engine) as channel:
            send_letters(engine, settings, now, channel)


def tidy(engine: Engine, clock: Clock) -> int:
    """Removes what no one can use any more; returns how many rows. Reminders and messages are history and stay."""
    now = clock()
    removed = 0
    with write(engine) as session:
        for statement in (
            delete(AnswerLink).where(col(AnswerLink.expires_at) < now - LINKS_KEPT).returning(col(AnswerLink.id)),
            delete(WebSession).where(col(WebSession.expires_at) < now - LOGINS_KEPT).returning(col(WebSession.id)),
            delete(LoginLink).where(col(LoginLink.expires_at) < now - LOGINS_KEPT).returning(col(LoginLink.id)),
        ):
            removed += len(session.execute(statement).all())
    log.info("tidy.done", removed=removed)
    return removed


def prune(engine: Engine, settings: Settings, clock: Clock, stopping: Callable[[], bool] = never) -> Pruned:
    """Takes away what is kept no longer, in steps that each commit; another clock that is at it is left alone.

    Without DDAY_KEEP_MAIL_DAYS and DDAY_KEEP_AUDIT_DAYS, nothing.
    """
    mails, acts, now = Pruned(), 0, clock()
    while settings.keep_mail_days and not stopping():
        with write(engine) as session:
            if not _alone(session, "prune"):
                return mails
            step = prune_mails(session, now - timedelta(days=settings.keep_mail_days))
        mails = Pruned(*(have + more for have, more in zip(mails, step, strict=True)))
        if not step.looked_at:
            break
    while settings.keep_audit_days and not stopping():
        with write(engine) as session:
            step_acts = prune_audit(session, now - timedelta(days=settings.keep_audit_days))
        acts += step_acts
        if not step_acts:
            break
    if mails.texts or acts:
        log.info("prune.done", texts=mails.texts, attempts=mails.attempts, acts=acts)
    return mails


def _alone(session: Session, duty: str) -> bool:
    """Whether no other process does this duty now; holds until the transaction ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    taken = session.execute(text("SELECT pg_try_advisory_xact_lock(hashtext(:duty))"), {"duty": f"dday.{duty}"})
    return bool(taken.scalar_one())

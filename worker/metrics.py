"""What a monitoring system may ask: read from the database at each scrape, so that every clock answers the same."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from models import (
    AttemptOutcome,
    DeliveryAttempt,
    Installation,
    Notification,
    NotificationState,
    Reminder,
    ReminderState,
)
from models.database import read
from notifications.pace import limits_of, queues
from settings import Settings
from worker.tick import Clock
from worker.watch import LOOKED_BACK, audit

LATENESS_BUCKETS = (1, 5, 15, 60, 300, 900, 3600, 14400, 86400)  # seconds; the last means: the next day


class Standing(Collector):
    """Figures of the whole installation, the newest LOOKED_BACK messages where it counts messages."""

    def __init__(self, engine: Engine, settings: Settings, clock: Clock) -> None:
        self._engine, self._settings, self._clock = engine, settings, clock

    def collect(self) -> Iterator[Metric]:
        """Without a database there is one figure: `dday_up 0`."""
        try:
            with read(self._engine) as session:
                found = list(_figures(session, self._clock(), self._settings))
        except DBAPIError:
            yield GaugeMetricFamily("dday_up", "Whether the database answers", value=0)
            return
        yield GaugeMetricFamily("dday_up", "Whether the database answers", value=1)
        yield from found


def serve_metrics(engine: Engine, settings: Settings, clock: Clock, port: int) -> None:
    """Answers GET /metrics on every address of this host, from a thread, until the process ends."""
    registry = CollectorRegistry()
    registry.register(Standing(engine, settings, clock))
    start_http_server(port, registry=registry)


def _figures(session: Session, now: datetime, settings: Settings) -> Iterator[Metric]:
    due = select(func.count(), func.min(col(Reminder.due_at))).where(
        col(Reminder.state) == ReminderState.PLANNED, col(Reminder.due_at) <= now
    )
    count, oldest = session.execute(due).one()
    yield GaugeMetricFamily("dday_reminders_due", "Reminders whose time has come", value=count)
    lag = (now - oldest).total_seconds() if oldest else 0.0
    yield GaugeMetricFamily("dday_reminders_oldest_due_seconds", "How long the oldest of them has waited", value=lag)
    last = session.get_one(Installation, 1).clock_last_tick_at
    if last is not None:
        lag = (now - last).total_seconds()
        yield GaugeMetricFamily("dday_clock_lag_seconds", "Since any clock looked last", value=lag)
    newest = session.execute(select(func.max(col(Notification.id)))).scalar_one() or 0
    recent = col(Notification.id) > newest - LOOKED_BACK
    by_state = select(col(Notification.state), func.count()).where(recent).group_by(col(Notification.state))
    states = {key: value for key, value in session.execute(by_state)}  # noqa: C416  (dict() cannot be typed here)
    messages = GaugeMetricFamily("dday_messages", "Recent messages by state", labels=["state"])
    for state in NotificationState:
        messages.add_metric([state.value], states.get(state, 0))
    yield messages
    newest_attempt = session.execute(select(func.max(col(DeliveryAttempt.id)))).scalar_one() or 0
    by_outcome = (
        select(col(DeliveryAttempt.outcome), func.count())
        .where(col(DeliveryAttempt.id) > newest_attempt - LOOKED_BACK)
        .group_by(col(DeliveryAttempt.outcome))
    )
    outcomes = {key: value for key, value in session.execute(by_outcome)}  # noqa: C416  (dict() cannot be typed here)
    attempts = GaugeMetricFamily("dday_attempts", "Recent attempts to hand a mail over, by outcome", labels=["outcome"])
    for outcome in AttemptOutcome:
        attempts.add_metric([outcome.value], outcomes.get(outcome, 0))
    yield attempts
    yield _lateness(session, newest)
    queue = GaugeMetricFamily(
        "dday_limit_queue_seconds", "Until the last mail put off by a limit may ask for its turn", labels=["limit"]
    )
    for scope, seconds in queues(session, limits_of(settings)).items():
        queue.add_metric([scope], seconds)
    yield queue
    pool = session.get_bind().engine.pool
    in_use = getattr(pool, "checkedout", lambda: 0)()
    yield GaugeMetricFamily("dday_pool_in_use", "Database connections of this process in use", value=in_use)
    faults = audit(session, now, settings)
    yield GaugeMetricFamily("dday_audit_passed", "1 while what should have been sent was", value=int(not faults))
    failing = GaugeMetricFamily("dday_audit_faults", "Rows for which a promise does not hold", labels=["code"])
    for fault in faults:
        failing.add_metric([fault.code], fault.count)
    yield failing


def _lateness(session: Session, newest: int) -> Metric:
    """From the moment a message could leave (its slot, or its making when later) to the server's OK."""
    rows = session.execute(
        select(col(Notification.slot_at), col(Notification.created_at), col(Notification.sent_at)).where(
            col(Notification.id) > newest - LOOKED_BACK // 10, col(Notification.sent_at).is_not(None)
        )
    )
    seconds = [(sent - max(slot, made)) / timedelta(seconds=1) for slot, made, sent in rows]
    buckets = [(f"{edge:g}", float(sum(second <= edge for second in seconds))) for edge in LATENESS_BUCKETS]
    return HistogramMetricFamily(
        "dday_lateness_seconds",
        "From when a message could leave to the mail server's OK, newest messages",
        buckets=[*buckets, ("+Inf", float(len(seconds)))],
        sum_value=sum(seconds),
    )

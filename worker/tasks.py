"""The one task and its carrier: a token and ids travel, one verb is called."""

from collections.abc import Callable

import structlog
from celery import Celery
from kombu import Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from notifications.deliver import Batch
from worker.app import QUEUE

log = structlog.get_logger()

DELIVER = "dday.deliver"  # stable: clocks and workers of two versions run beside each other during an upgrade


class CarrierDown(Exception):  # noqa: N818  (a state of the world, that passes)
    """The broker did not take a message, or did not say so."""


def register(app: Celery, deliver: Callable[[Batch], None]) -> None:
    """Makes `deliver` the task that `Carrier.publish` asks for."""

    @app.task(name=DELIVER)
    def run(token: str, ids: list[int]) -> None:
        try:
            deliver(Batch(token, tuple(ids)))
        except Exception:  # Celery would print the error's text, which may hold a row; the lease brings the batch back
            log.exception("batch.failed", token=token)


class Carrier:
    """The clock's end of the broker."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def publish(self, batch: Batch) -> None:
        """One message for the whole batch. Raises CarrierDown; the message may then have arrived all the same."""
        try:
            self._app.send_task(DELIVER, (batch.token, batch.ids), queue=QUEUE)
        except (OperationalError, RedisError, OSError) as error:
            raise CarrierDown(type(error).__name__) from error

    def waiting(self) -> int:
        """How many messages no worker has taken yet. Raises CarrierDown."""
        try:
            with self._app.connection_for_write() as connection:
                declared = Queue(QUEUE, channel=connection.default_channel).queue_declare()
                return int(getattr(declared, "message_count", 0))
        except (OperationalError, RedisError, OSError) as error:
            raise CarrierDown(type(error).__name__) from error

"""The Celery application: it carries small messages about leased batches, holds no truth and keeps no result."""

from celery import Celery

from settings import Settings

QUEUE = "dday"
SOCKET_SECONDS = 5.0  # a frozen broker is noticed in this time


def make_app(settings: Settings) -> Celery:
    """The application on the settings' broker, without tasks (see `worker.tasks`).

    Whatever the broker loses comes back by the leases in the database; so nothing here is about safety, only about
    speed: a message lost with its worker is redelivered, and finds nothing if somebody else has the batch by then.
    """
    app = Celery("dday", broker=settings.broker_url)
    app.conf.update(
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,  # the clock gives the batch back and looks again
        worker_prefetch_multiplier=1,  # a batch waits where any idle process can take it
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_timeout=SOCKET_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 2 * settings.lease_seconds,  # a batch is given up after half a lease
            "unacked_restore_interval": 1,  # by default the sweep for lost messages comes every 100 seconds
            "unacked_restore_throttle": 1,
            "socket_timeout": SOCKET_SECONDS,
            "socket_connect_timeout": SOCKET_SECONDS,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
    )
    return app

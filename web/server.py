"""How the pages are served: links stay out of logs, and who asks is taken only from where it can be believed."""

import uvicorn
from fastapi import FastAPI

from settings import Settings


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """No access log, since answer links are addresses; who asks is believed only from proxies that are named.

    What the server complains of goes where the process's own lines go, and as they do: without values.
    """
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )

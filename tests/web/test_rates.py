"""Whoever asks too often waits, and nobody else; who asks is taken only from where it can be believed; links leave no
trace."""

import logging
import socket
import threading
from dataclasses import replace
from http.client import HTTPConnection

import pytest
import uvicorn
from starlette.testclient import TestClient

from tests.web.office import WebOffice
from web.app import make_app
from web.rates import Rates
from web.server import server_config


def limited(office: WebOffice, pages: int) -> WebOffice:
    office.settings = replace(office.settings, pages_a_minute=pages)
    office.app = make_app(office.settings, office.engine, office.clock)
    return office


def test_ten_thousand_requests_from_one_address_stop_at_the_limit(office: WebOffice) -> None:
    rates = Rates(600)
    let_through = sum(rates.page("203.0.113.9") == 0 for _ in range(10_000))
    assert 600 <= let_through <= 630, "a minute may turn meanwhile"
    assert rates.page("203.0.113.10") == 0, "the others do not wait"


def test_whoever_asks_too_often_is_told_how_long_to_wait(office: WebOffice) -> None:
    limited(office, 20)
    flooder = TestClient(office.app, client=("203.0.113.9", 1))
    statuses = [flooder.get("/a/made-up-token").status_code for _ in range(60)]
    assert statuses[:20] == [404] * 20
    assert statuses[20:].count(429) >= 38, "a minute may turn meanwhile"
    told = flooder.get(f"/a/{office.token}")
    assert 0 < int(told.headers["retry-after"]) <= 60
    assert told.headers["referrer-policy"] == "no-referrer"
    assert flooder.get("/healthz").status_code == 200
    neighbour = TestClient(office.app, client=("203.0.113.10", 1))
    assert neighbour.get(f"/a/{office.token}").status_code == 200


def test_somebody_signed_in_behind_the_same_address_goes_on(office: WebOffice) -> None:
    admin = limited(office, 20).admin()
    stranger = office.client()
    assert 429 in [stranger.get("/bye").status_code for _ in range(30)]
    assert admin.get("/").status_code == 200
    forged = office.client()
    forged.cookies.set("dday_session", admin.cookies["dday_session"][:-2] + "xx")
    assert forged.get("/bye").status_code == 429, "a cookie that we have not signed is no session"


@pytest.mark.parametrize(("trusted", "believed"), [((), False), (("127.0.0.1/32",), True), (("10.0.0.0/8",), False)])
def test_only_a_named_proxy_says_who_asks(
    office: WebOffice, trusted: tuple[str, ...], believed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    limited(office, 5)
    settings = replace(office.settings, trusted_proxies=trusted)
    caplog.set_level(logging.DEBUG, logger="uvicorn")
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(server_config(office.app, settings))
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    try:
        statuses = []
        for n in range(10):
            connection = HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=10)
            connection.request("GET", f"/a/{office.token}", headers={"X-Forwarded-For": f"203.0.113.{n}"})
            statuses.append(connection.getresponse().status)
            connection.close()
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
    assert (429 in statuses) != believed
    assert office.token not in caplog.text, "the address of an answer stands in no log"

"""Kill -9 of the web process in the middle of an answer: the answer is there whole, or not at all."""

import email
import email.policy
import random
import re
import threading
import time
import urllib.parse
import urllib.request
from http.client import HTTPException

import pytest

from bench.sink import Taken
from tests.chaos.conftest import Tell
from tests.chaos.town import Town
from tests.servers import free_port
from tests.web.office import fields
from tests.worker.processes import Process, until

pytestmark = pytest.mark.postgres

ROUNDS = 8

PARTS = """
SELECT (SELECT count(*) FROM status_report WHERE milestone_id = {m}) * 1000
     + (SELECT count(*) FROM milestone_revision WHERE milestone_id = {m}) * 100
     + (SELECT count(*) FROM milestone WHERE id = {m} AND status = 'done') * 10
     + (SELECT count(*) FROM reminder WHERE milestone_id = {m} AND state = 'planned')
"""
ABSENT, WHOLE = 3, 1110  # the day, what it asks and the week after are still planned; or all of it is done


def start_web(town: Town) -> tuple[Process, str]:
    port = free_port()
    process = town.running.start("web", "--port", str(port))
    address = f"http://127.0.0.1:{port}"

    def is_ready() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return True
        except (OSError, HTTPException):
            return False

    until(is_ready, "the pages")
    return process, address


def path_in(mail: Taken) -> str:
    body = email.message_from_bytes(mail.content, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    found = re.search(r"/a/[\w-]+", body.get_content())
    assert found
    return found[0]


def fill_in(address: str, path: str, milestone: int) -> bytes:
    """The form as its page gives it, with `done` chosen."""
    with urllib.request.urlopen(address + path, timeout=30) as page:
        form = fields(page.read().decode())
    form[f"kind-{milestone}"] = "done"
    return urllib.parse.urlencode(form).encode()


def send(url: str, form: bytes) -> None:
    try:
        with urllib.request.urlopen(url, data=form, timeout=30):
            return
    except (OSError, HTTPException):
        return  # killed before it could say so


@pytest.mark.long
def test_an_answer_is_whole_or_absent(town: Town, tell: Tell) -> None:
    dice = random.Random(7)
    wave = town.wave(ROUNDS)
    town.settle(wave)
    mails = {mail.recipients[0]: mail for mail in town.taken(wave)}
    web, address = start_web(town)
    first, *others = wave.duties
    path = path_in(mails[first.address])
    form = fill_in(address, path, first.milestone)
    began = time.monotonic()
    send(address + path, form)
    takes = time.monotonic() - began
    assert town.running.count(PARTS.format(m=first.milestone)) == WHOLE
    assert web.stop() < 10
    whole = 0
    for duty in others:
        web, address = start_web(town)
        path = path_in(mails[duty.address])
        form = fill_in(address, path, duty.milestone)
        asking = threading.Thread(target=send, args=(address + path, form))
        asking.start()
        threading.Event().wait(dice.uniform(0.2, 1.5) * takes)
        web.kill()
        asking.join()
        parts = PARTS.format(m=duty.milestone)
        assert town.running.count(parts) in (ABSENT, WHOLE)
        whole += town.running.count(parts) == WHOLE
    web, address = start_web(town)
    for duty in wave.duties:  # whoever saw no thanks answers again
        if town.running.count(PARTS.format(m=duty.milestone)) == ABSENT:
            path = path_in(mails[duty.address])
            send(address + path, fill_in(address, path, duty.milestone))
        assert town.running.count(PARTS.format(m=duty.milestone)) == WHOLE
    assert web.stop() < 10
    tell(f"{len(others)} kills: {whole} answers whole, {len(others) - whole} absent, and given again")

"""A real browser on a real port: what every test of pages as people meet them is made from."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from notifications.previewed import Previewed
from settings import Settings
from tests.web.office import WebOffice
from web.app import make_app
from worker.doctor import examine
from worker.rehearsal import preview

PHONE, DESK = (360, 800), (1280, 900)


@contextmanager
def serving(office: WebOffice, *, patience_seconds: float | None = None) -> Iterator[str]:
    """The application on a real port of this machine; its pages wait `patience_seconds` for what takes long."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = whole_app(office, replace(office.settings, base_url=address))
    if patience_seconds is not None:
        app.state.desk.patience_seconds = app.state.previews.patience_seconds = patience_seconds
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def whole_app(office: WebOffice, settings: Settings) -> FastAPI:
    """The pages with the preview and the doctor that they have in earnest."""

    def play(first: date, last: date, unit: int | None) -> list[Previewed]:
        return preview(office.engine, settings, first, last, office.clock(), unit)[0]

    asked = replace(settings, database_url=office.engine.url.render_as_string(hide_password=False))
    return make_app(settings, office.engine, office.clock, preview_mails=play, examine=lambda: examine(asked))


def context(browser: Browser, size: tuple[int, int], *, scripts: bool = True) -> BrowserContext:
    return browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="ko-KR", java_script_enabled=scripts
    )


def sign_in(page: Page, office: WebOffice, address: str) -> None:
    page.goto(f"{address}/login/{office.login()}")
    follow(page, page.get_by_role("button", name="관리 화면 열기"))
    page.wait_for_url(f"{address}/")


def follow(page: Page, target: Locator) -> None:
    """Clicks what leads to another page, and waits until it is there."""
    with page.expect_navigation():
        target.click()


def assert_readable(page: Page, pictures: Path | None = None) -> None:
    """No sideways scrolling, nothing that assistive technology trips over; a picture of it where one is wanted."""
    wide, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= shown, f"{page.url} scrolls sideways: {wide} > {shown}"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    if pictures is not None:
        keep_picture(page, pictures)


def keep_picture(page: Page, folder: Path) -> None:
    """The whole page under its address and width; the second of one address beside the first."""
    address = re.sub(r"[^a-z0-9가-힣]+", "-", page.url.partition("://")[2].partition("/")[2].lower()).strip("-")
    stem = f"{re.sub(r'^a-.{20,}', 'a', address) or 'today'}-{(page.viewport_size or {}).get('width', 0)}"
    number = 1 + len(list(folder.glob(f"{stem}.*.png")))
    page.screenshot(path=folder / f"{stem}.{number}.png", full_page=True)

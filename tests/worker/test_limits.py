"""An operator sees which limits are set and how long their queues are."""

from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Engine

import migrations
from bench.city import SLOT, build_city
from models.database import make_engine, write
from notifications.pace import spread
from settings import Settings, load_settings
from worker.doctor import Check, examine
from worker.metrics import Standing


def limited(folder: Path, url: str, **more: str) -> Settings:
    environment = {"DDAY_SECRET_KEY": "a secret of the tests", "DDAY_DATABASE_URL": url, **more}
    return load_settings(environment, data=folder)


def limit_check(settings: Settings) -> list[Check]:
    return [check for check in examine(settings) if check.name == "발송 한도"]


def test_doctor_tells_the_limits_and_complains_of_a_queue_that_outlasts_the_day(
    bare_database_url: str, tmp_path: Path
) -> None:
    engine = make_engine(bare_database_url)
    migrations.upgrade(engine)
    settings = limited(tmp_path, bare_database_url, DDAY_DOMAIN_RATES="korea.kr=5,naver.com=0.5")
    build_city(engine, settings, teams=1)
    assert limit_check(limited(tmp_path, bare_database_url)) == []
    [idle] = limit_check(settings)
    assert (idle.ok, idle.words) == (True, "korea.kr 초당 5통, naver.com 초당 0.5통")

    with write(engine) as session:
        spread(session, "domain:korea.kr", 5, 5 * 600)
    [busy] = limit_check(settings)
    assert busy.ok
    assert "korea.kr 초당 5통(대기 10분)" in busy.words

    with write(engine) as session:
        spread(session, "domain:naver.com", 0.5, 3 * 3600)
    [fault] = limit_check(settings)
    assert not fault.ok
    assert "DDAY" not in fault.remedy
    assert "한도를 높이거나" in fault.remedy
    engine.dispose()


def test_the_queue_of_a_limit_is_a_figure(engine: Engine, tmp_path: Path) -> None:
    settings = limited(tmp_path, "sqlite:///unused", DDAY_DOMAIN_RATES="korea.kr=5,naver.com=0.5")
    build_city(engine, settings, teams=1)
    with write(engine) as session:
        spread(session, "domain:korea.kr", 5, 5000)
    registry = CollectorRegistry()
    registry.register(Standing(engine, settings, lambda: SLOT + timedelta(seconds=1)))
    shown = generate_latest(registry).decode()
    assert 'dday_limit_queue_seconds{limit="domain:naver.com"} 0.0' in shown
    assert 'dday_limit_queue_seconds{limit="domain:korea.kr"} 9' in shown  # a thousand seconds, a moment ago

"""Settings are read once, checked at once, and a wrong one names itself and what is allowed."""

from datetime import time
from pathlib import Path

import pytest

from settings import DESCRIBED, SendWindow, SettingError, SmtpServer, ensure_secret, load_settings, parse_send_window


def test_every_default_is_harmless(tmp_path: Path) -> None:
    settings = load_settings({}, data=tmp_path)
    assert settings.smtp is None
    assert settings.is_embedded
    assert settings.database_url == f"sqlite:///{tmp_path / 'dday.sqlite3'}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DDAY_DATABASE_URL", "mysql://host/db"),
        ("DDAY_BROKER_URL", "amqp://host"),
        ("DDAY_DATABASE_URL", "postgresql://user:pw@host:port/db"),
        ("DDAY_DATABASE_URL", "postgresql://user:p/w@host:99999/db"),
        ("DDAY_BROKER_URL", "redis://:pw@host:port/0"),
        ("DDAY_BROKER_URL", "redis://host:6379/first"),
        ("DDAY_HEARTBEAT_URL", "ftp://host"),
        ("DDAY_HEARTBEAT_URL", "host/beat"),
        ("DDAY_SMTP_URL", "http://mail.example"),
        ("DDAY_SMTP_URL", "smtp://mail.example:port"),
        ("DDAY_MAIL_FROM", "nobody"),
        ("DDAY_MAIL_FROM", "a <a@b.example>\r\nBcc: c@d.example"),
        ("DDAY_BASE_URL", "dday.example"),
        ("DDAY_TIMEZONE", "Asia/Soul"),
        ("DDAY_SEND_WINDOW", "WORKDAYS 18:00-09:00"),
        ("DDAY_SEND_WINDOW", "MON,FUNDAY 09:00-18:00"),
        ("DDAY_SEND_WINDOW", "WORKDAYS 09:00-25:00"),
        ("DDAY_TIME_SHIFT", "tomorrow"),
        ("DDAY_TICK_SECONDS", "0"),
        ("DDAY_LEASE_SECONDS", "1"),
        ("DDAY_MAIL_RATE", "-1"),
        ("DDAY_MAIL_RATE", "nan"),
        ("DDAY_DOMAIN_RATES", "korea.kr"),
        ("DDAY_DOMAIN_RATES", "korea.kr=0"),
        ("DDAY_DOMAIN_RATES", "korea.kr=5,Korea.KR=6"),
        ("DDAY_DOMAIN_RATES", "kore a=5"),
        ("DDAY_KEEP_MAIL_DAYS", "30"),
        ("DDAY_KEEP_AUDIT_DAYS", "90"),
        ("DDAY_UPLOAD_MB", "0"),
        ("DDAY_UPLOAD_FILES", "1000"),
        ("DDAY_UPLOAD_TYPES", "jpg,exe"),
        ("DDAY_ADMIN_CODES", "no"),
        ("DDAY_PAGES_A_MINUTE", "-1"),
        ("DDAY_TRUSTED_PROXIES", "proxy.example"),
        ("DDAY_SECRET_KEY", "short"),
        ("DDAY_SECRET_KEY_FILE", "/no/such/file"),
    ],
)
def test_a_wrong_value_names_its_setting(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=name):
        load_settings({name: value}, data=tmp_path)


def test_a_wrong_address_is_told_without_its_password() -> None:
    for name, value in (
        ("DDAY_DATABASE_URL", "postgresql://u:s3cret@h:x/d"),
        ("DDAY_BROKER_URL", "redis://:s3cret@h:x"),
    ):
        with pytest.raises(SettingError) as told:
            load_settings({name: value})
        assert "s3cret" not in str(told.value)


def test_a_mail_server_address_is_taken_apart() -> None:
    settings = load_settings({"DDAY_SMTP_URL": "smtp+starttls://user%40corp:p%3Aw@mail.example:2525"})
    assert settings.smtp == SmtpServer("mail.example", 2525, "starttls", "user@corp", "p:w")
    assert "p:w" not in repr(settings)


def test_a_send_window_of_named_days() -> None:
    assert parse_send_window("mon,fri 9:30-17:00") == SendWindow(frozenset({0, 4}), time(9, 30), time(17, 0))


def test_a_secret_is_made_once_and_kept_for_the_owner(tmp_path: Path) -> None:
    settings = load_settings({}, data=tmp_path / "new")
    first = ensure_secret(settings).secret_key
    assert len(first) >= 32
    assert load_settings({}, data=tmp_path / "new").secret_key == first
    assert ((tmp_path / "new" / "secret_key").stat().st_mode & 0o077) == 0
    assert first not in repr(ensure_secret(settings))


def test_every_setting_that_is_read_is_described() -> None:
    source = (Path(__file__).parent.parent / "settings.py").read_text(encoding="utf-8")
    reader = source[source.index("def load_settings") :]
    import re

    read = set(re.findall(r'"(DDAY_[A-Z_]+)"', reader)) - {"DDAY_SECRET_KEY_FILE", "DDAY_"}
    assert read == {setting.name for setting in DESCRIBED}


def test_a_drills_clock_is_moved_while_it_runs(tmp_path: Path) -> None:
    file = tmp_path / "shift"
    file.write_text("86400\n")
    settings = load_settings({"DDAY_TIME_SHIFT_FILE": str(file)}, data=tmp_path)
    assert (settings.time_shift(), settings.may_shift) == (86400, True)
    file.write_text("-86400")
    assert settings.time_shift() == -86400
    file.write_text("yesterday")
    with pytest.raises(SettingError, match="DDAY_TIME_SHIFT"):
        settings.time_shift()
    assert load_settings({"DDAY_TIME_SHIFT": "60"}, data=tmp_path).time_shift() == 60
    assert not load_settings({}, data=tmp_path).may_shift

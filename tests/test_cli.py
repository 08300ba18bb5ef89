"""The command line as people and programs use it: right answers, plain refusals, and nothing changed by a refusal."""

import json
import mailbox
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

import cli
import worker.tick
from models import Installation, KeptEdition, StatusReport
from models.database import make_engine, read, write
from notifications.channels import OutgoingMail, Receipt
from notifications.channels.email import EmailChannel
from notifications.channels.noted import NotedChannel
from settings import Settings, load_settings
from worker.play import play

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
REPORT = EXAMPLES / "report-2024-09.md"
STAFF = EXAMPLES / "staff.csv"
SEPTEMBER = ("--from", "2024-09-01", "--to", "2024-09-30")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command line on a data folder of the test's own; returns status, output and complaint."""

    def call(*words: str) -> tuple[int, str, str]:
        status = cli.main(["--data", str(tmp_path / "data"), *words])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return call


@pytest.fixture
def office(run: Run) -> Run:
    """An office with the example's report and staff, activated."""
    assert run("import", str(REPORT), "--as-of", "2024-09-01")[0] == 0
    assert run("import", str(STAFF), "--kind", "staff")[0] == 0
    assert run("activate", "--all", "--yes")[0] == 0
    return run


# ------------------------------------------------------------------------------------------------ the main road


def test_what_is_previewed_is_what_is_simulated_each_once(office: Run, tmp_path: Path) -> None:
    foreseen = [message["key"] for message in json.loads(office("preview", *SEPTEMBER, "--json")[1])]
    assert len(foreseen) > 20
    assert office("simulate", *SEPTEMBER)[0] == 0
    assert sorted(kept(tmp_path)) == sorted(foreseen)
    assert office("simulate", *SEPTEMBER)[0] == 0
    assert sorted(kept(tmp_path)) == sorted(foreseen)


def test_a_preview_changes_nothing(office: Run) -> None:
    before = office("status", "--json")[1]
    office("preview", *SEPTEMBER)
    assert office("status", "--json")[1] == before


def test_nothing_is_sent_before_activation(run: Run, tmp_path: Path) -> None:
    run("import", str(REPORT), "--as-of", "2024-09-01")
    run("import", str(STAFF), "--kind", "staff")
    status, _, complaint = run("simulate", *SEPTEMBER)
    assert status == 1
    assert "dday activate" in complaint
    assert kept(tmp_path) == []


def test_a_post_that_nobody_holds_is_named(office: Run) -> None:
    assert "평생학습팀" in office("preview", *SEPTEMBER, "--json")[2]
    assert "평생학습팀" in office("doctor")[1]


def test_the_same_report_again_changes_nothing(office: Run) -> None:
    before = office("status", "--json")[1]
    assert "바뀌는 것이 없습니다" in office("import", str(REPORT), "--as-of", "2024-09-01")[1]
    assert office("status", "--json")[1] == before


def test_a_dry_run_reads_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("import", str(REPORT), "--as-of", "2024-09-01", "--dry-run", "--json")
    assert status == 0
    assert set(json.loads(out)) == {"document", "units", "projects", "findings"}
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("kind", ["md", "docx", "hwpx"])
def test_the_next_report_is_written(office: Run, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"next.{kind}"
    assert office("report", "--as-of", "2024-10-01", "--format", kind, "-o", str(file))[0] == 0
    assert file.stat().st_size > 1000


def test_a_backup_restored_elsewhere_does_not_send(office: Run, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    assert office("backup", str(file))[0] == 0
    elsewhere = str(tmp_path / "elsewhere")
    assert cli.main(["--data", elsewhere, "restore", str(file)]) == 0
    assert cli.main(["--data", elsewhere, "simulate", *SEPTEMBER]) == 1
    assert cli.main(["--data", elsewhere, "activate", "--all", "--yes"]) == 0
    assert cli.main(["--data", elsewhere, "simulate", *SEPTEMBER]) == 0


def test_an_office_moves_to_another_database_by_backup_and_restore(
    run: Run, bare_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DDAY_DATABASE_URL", bare_database_url)
    assert run("init")[0] == 0
    assert run("import", str(REPORT), "--as-of", "2024-09-01")[0] == 0
    assert run("import", str(STAFF), "--kind", "staff")[0] == 0
    assert run("activate", "--all", "--yes")[0] == 0
    before = json.loads(run("status", "--json")[1])
    file = str(tmp_path / "backup.zip")
    assert run("backup", file)[0] == 0
    monkeypatch.delenv("DDAY_DATABASE_URL")
    assert run("restore", file)[0] == 0
    assert json.loads(run("status", "--json")[1]) == before
    assert run("restore", file)[0] == 1
    assert run("restore", file, "--replace")[0] == 0


def test_a_copy_of_the_database_file_does_not_send(office: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "dday.sqlite3").write_bytes((tmp_path / "data" / "dday.sqlite3").read_bytes())
    assert cli.main(["--data", str(copy), "simulate", *SEPTEMBER]) == 1


def test_a_play_on_a_copy_leaves_the_office_alone(office: Run, tmp_path: Path) -> None:
    before = office("status", "--json")[1]
    assert office("simulate", *SEPTEMBER, "--copy", str(tmp_path / "play"))[0] == 0
    assert office("status", "--json")[1] == before
    assert len(list((tmp_path / "play" / "mailbox" / "new").iterdir())) > 20
    assert cli.main(["--data", str(tmp_path / "play"), "status"]) == 0


def test_answers_are_given_once_also_when_the_play_is_interrupted(
    office: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    september = ("simulate", *SEPTEMBER, "--answers", str(EXAMPLES / "answers-autumn-2024.csv"))
    read_bounces = worker.tick.read_bounces

    def interrupt_after_the_first_answers(session: Session, settings: Settings, now: datetime) -> int:
        if session.exec(select(StatusReport.id)).first() is not None:
            raise KeyboardInterrupt
        return read_bounces(session, settings, now)

    monkeypatch.setattr("worker.tick.read_bounces", interrupt_after_the_first_answers)
    assert office(*september)[0] == 130
    monkeypatch.undo()
    assert office(*september)[0] == 0
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'dday.sqlite3'}")
    with read(engine) as session:
        given = len(session.exec(select(StatusReport.id)).all())
    engine.dispose()
    rows = (EXAMPLES / "answers-autumn-2024.csv").read_text(encoding="utf-8").splitlines()
    assert given == sum(row.startswith("2024-09") for row in rows)


def test_a_play_that_was_stopped_keeps_what_it_did_not_play(office: Run, tmp_path: Path) -> None:
    settings = load_settings({}, data=tmp_path / "data")
    engine = make_engine(settings.database_url)
    start, until = datetime(2024, 8, 31, 15, tzinfo=UTC), datetime(2024, 9, 30, 15, tzinfo=UTC)
    for _ in play(engine, settings, start, until, NotedChannel()):
        with write(engine) as session:
            installation = session.get_one(Installation, 1)
            installation.sending_stopped_at = start
            session.add(installation)
    with read(engine) as session:
        played_until = session.get_one(Installation, 1).played_until
    engine.dispose()
    assert played_until is not None
    assert played_until < until


def test_a_play_that_was_interrupted_goes_on(office: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreseen = [message["key"] for message in json.loads(office("preview", *SEPTEMBER, "--json")[1])]
    deliver = EmailChannel.deliver

    def deliver_ten(channel: EmailChannel, mail: OutgoingMail, following: OutgoingMail | None = None) -> Receipt:
        if len(kept(tmp_path)) == 10:
            raise KeyboardInterrupt
        return deliver(channel, mail, following)

    monkeypatch.setattr(EmailChannel, "deliver", deliver_ten)
    assert office("simulate", *SEPTEMBER)[0] == 130
    monkeypatch.undo()
    assert office("simulate", *SEPTEMBER)[0] == 0
    assert sorted(kept(tmp_path)) == sorted(foreseen)


def test_what_was_played_is_never_sent_in_earnest(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    office("simulate", *SEPTEMBER)
    monkeypatch.setenv("DDAY_SMTP_URL", "smtp://127.0.0.1:9")
    status, _, complaint = office("status")
    assert (status, "DDAY_SMTP_URL" in complaint) == (1, True)


def test_status_counts_every_state(office: Run) -> None:
    found = json.loads(office("status", "--json")[1])
    assert set(found["reminders"]) == {"planned", "dispatched", "missed", "cancelled"}
    assert set(found["notifications"]) == {"queued", "sending", "sent", "unknown", "failed", "bounced", "cancelled"}
    assert set(found["requests"]) == {
        "outstanding",
        "late",
        "submitted",
        "returned",
        "accepted",
        "closed",
        "cancelled",
    }


def test_rules_are_listed_set_explained_and_removed(office: Run) -> None:
    names = [rule["name"] for rule in json.loads(office("rules", "list", "--json")[1])]
    assert {"upcoming-firm", "status", "overdue"} <= set(names)
    status, out, _ = office("rules", "set", "opening-early", "ask=upcoming", "kinds=opening", "offsets=-60,-14")
    assert (status, "opening-early" in out) == (0, True)
    assert "opening-early" in office("rules", "list", "--json")[1]
    assert office("rules", "explain", "1")[0] == 0
    assert office("rules", "remove", "opening-early")[0] == 0
    assert "opening-early" not in office("rules", "list", "--json")[1]


def test_a_round_is_opened_chased_and_locked(office: Run, tmp_path: Path) -> None:
    opened = ("schedules", "open-round", "--title", "2024년 9월 정기 취합", "--as-of", "2024-09-30")
    status, out, _ = office(*opened)
    assert (status, "1번" in out) == (0, True)
    assert office(*opened)[0] == 1
    assert office("nudge", "--round", "1")[0] == 0
    assert "2024년 9월 정기 취합" in office("schedules", "list", "--json")[1]
    total = json.loads(office("schedules", "completion", "1", "--json")[1])["total"]
    assert total["asked"] == total["outstanding"] > 0
    assert "미제출" in office("schedules", "completion", "1")[1]
    assert office("schedules", "completion", "9")[0] == 1
    assert office("schedules", "lock", "1")[0] == 0
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'dday.sqlite3'}")
    with read(engine) as session:
        assert session.exec(select(KeptEdition.round_id)).all() == [1]
    engine.dispose()
    assert office("nudge", "--round", "1")[0] == 1


def test_the_admin_is_let_in_by_a_new_address_each_time(office: Run) -> None:
    first, second = office("login-link")[1], office("login-link")[1]
    assert first.startswith("http://127.0.0.1:8000/login/")
    assert first != second


def test_settings_and_doctor_tell_what_they_find(office: Run) -> None:
    assert {row["name"] for row in json.loads(office("settings", "--json")[1])} >= {"DDAY_DATA", "DDAY_SMTP_URL"}
    status, out, _ = office("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(out)}
    assert (status, checks["데이터베이스"]["ok"], checks["담당자 연락처"]["ok"]) == (1, True, False)
    assert checks["담당자 연락처"]["remedy"]


def test_doctor_says_what_to_do_about_a_dead_mail_server(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DDAY_SMTP_URL", "smtp://127.0.0.1:9")
    checks = {check["name"]: check for check in json.loads(office("doctor", "--json")[1])}
    assert not checks["메일 서버"]["ok"]
    assert "DDAY_SMTP_URL" in checks["메일 서버"]["remedy"]


# ------------------------------------------------------------------------------------------------ the wrong thing


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "빈 파일"),
        (bytes(range(256)) * 8, "텍스트"),
        (b"%PDF-1.7 ...", "PDF"),
        ("회의록\n\n- 참석자 3명\n".encode(), "사업"),
    ],
)
def test_a_report_that_is_none_is_refused(content: bytes, why: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    file.write_bytes(content)
    status, _, complaint = run("import", str(file), "--as-of", "2024-09-01")
    assert (status, why in complaint, complaint.count("\n")) == (1, True, 1)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp949"])
def test_a_report_in_an_offices_encoding_is_read(encoding: str, run: Run, tmp_path: Path) -> None:
    text = REPORT.read_text(encoding="utf-8")
    file = tmp_path / "report.md"
    file.write_bytes(text.encode(encoding, errors="ignore"))
    status, out, _ = run("import", str(file), "--as-of", "2024-09-01", "--dry-run", "--json")
    assert status == 0
    assert [unit["name"] for unit in json.loads(out)["units"]][:2] == ["행정안전국", "행정지원과"]


@pytest.mark.parametrize(
    "words",
    [
        ("import", "no-such-file.md"),
        ("import", "."),
        ("import", str(REPORT), "--as-of", "2024-02-31"),
        ("import", str(REPORT), "--kind", "poem"),
        ("import", str(REPORT), "--kind", "staff"),
        ("preview", "--from", "2024-09-30", "--to", "2024-09-01"),
        ("preview", "--from", "yesterday", "--to", "2024-09-01"),
        ("activate", "--all", "--yes"),
        ("report", "--as-of", "2024-10-01", "--format", "pdf", "-o", "next.pdf"),
        ("report", "--as-of", "2024-10-01", "--format", "hwp", "-o", "next.hwp"),
        ("report", "--format", "md", "-o", "next.md"),
        ("report", "--as-of", "2024-10-01", "-o", "no-such-folder/next.md"),
        ("report", "--as-of", "2024-10-01", "-o", "next.md"),
        ("rules", "set", "late", "ask=upcoming", "offsets=5"),
        ("rules", "set", "late", "ask=upcoming", "offsets=soon"),
        ("rules", "set", "late", "ask=poem"),
        ("rules", "remove", "no-such-rule"),
        ("restore", "no-such-file.zip"),
        ("simulate", *SEPTEMBER, "--answers", "no-such-file.csv"),
    ],
    ids=lambda words: " ".join(Path(word).name for word in words),
)
def test_a_wrong_request_is_refused_in_one_line(words: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    status, _, complaint = run(*words)
    assert status == 1
    assert complaint.startswith("dday: ")
    assert complaint.count("\n") == 1
    assert "Traceback" not in complaint
    assert not list(tmp_path.glob("next.*"))


def test_a_command_that_does_not_exist_is_wrong_usage(run: Run) -> None:
    assert run("remind-everybody")[0] == 2


def test_a_second_init_is_refused(run: Run) -> None:
    assert run("init")[0] == 0
    status, _, complaint = run("init")
    assert status == 1
    assert "dday migrate" in complaint


def test_a_wrong_setting_names_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DDAY_SEND_WINDOW", "always")
    status, _, complaint = run("status")
    assert status == 1
    assert "DDAY_SEND_WINDOW" in complaint
    assert "WORKDAYS 09:00-18:00" in complaint


def test_a_play_is_refused_where_a_real_mail_server_is_set(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DDAY_SMTP_URL", "smtp://127.0.0.1:9")
    status, _, complaint = office("simulate", *SEPTEMBER)
    assert status == 1
    assert "--copy" in complaint


def test_the_clock_is_not_shifted_where_a_real_mail_server_is_set(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DDAY_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("DDAY_TIME_SHIFT", "86400")
    status, _, complaint = office("status")
    assert status == 1
    assert "DDAY_TIME_SHIFT" in complaint


def test_a_port_in_use_is_said(office: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, _, complaint = office("serve", "--port", str(taken.getsockname()[1]))
    assert status == 1
    assert "--port" in complaint


def test_a_staff_table_with_a_bad_row_names_the_row_and_stores_nothing(run: Run, tmp_path: Path) -> None:
    run("import", str(REPORT), "--as-of", "2024-09-01")
    lines = STAFF.read_text(encoding="utf-8").splitlines()
    lines[3] = "행정지원팀,팀장,강여울,admin.support@geumcheon.example,,2024-12-31,2024-01-01"
    file = tmp_path / "staff.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    status, _, complaint = run("import", str(file), "--kind", "staff")
    assert status == 1
    assert "4행" in complaint


def test_the_data_folder_may_be_named_anywhere_on_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "자료 폴더"
    assert cli.main(["status", "--json", "--data", str(folder)]) == 0
    assert (folder / "dday.sqlite3").exists()


def kept(tmp_path: Path) -> list[str]:
    """The keys of the mails in the built-in mailbox."""
    folder = tmp_path / "data" / "mailbox"
    return [mail["X-Dday-Key"] for mail in mailbox.Maildir(folder, create=False)] if folder.exists() else []

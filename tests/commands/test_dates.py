"""`dday dates` on standard input: a table for people, JSON lines for programs, one line of reason on refusal."""

import io
import json

import pytest

import cli


def run(monkeypatch: pytest.MonkeyPatch, given: bytes, *words: str) -> int:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
    return cli.main(["dates", *words])


def test_json_lines_answer_each_line_with_its_text_and_what_was_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"text": "준공 : '24. 9월중", "ref_date": "2024-09-01"},
        {"text": "내달 5일까지", "ref_date": "2024-12-10"},
        {"text": "날짜 없음", "ref_date": "2024-09-01"},
    ]
    given = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    assert run(monkeypatch, given, "--jsonl") == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["text"] for answer in answers] == [row["text"] for row in rows]
    assert [[(one["raw"], one["start"], one["end"]) for one in answer["found"]] for answer in answers] == [
        [("'24. 9월중", "2024-09-01", "2024-09-30")],
        [("내달 5일까지", None, "2025-01-05")],
        [],
    ]


def test_people_get_a_table_with_the_doubts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "설명회 2024. 9. 3.(수) 14:00\n".encode(), "--ref-date", "2024-09-01") == 0
    shown = "".join(capsys.readouterr().out.split())
    assert "2024.9.3.(화)" in shown
    assert "14:00" in shown
    assert "화요일입니다" in shown


def test_lines_without_a_date_say_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "설계 용역\n".encode()) == 0
    assert "날짜 표현이 없습니다" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "words", "reason"),
    [
        (b"not json\n", ["--jsonl"], "1번째 줄"),
        (b'{"text": 5}\n', ["--jsonl"], "1번째 줄"),
        (b'{"text": "9", "ref_date": "2024-13-01"}\n', ["--jsonl"], "1번째 줄"),
        (b"\xff\xfe\n", [], "UTF-8"),
        ("오늘\n".encode(), ["--ref-date", "9999-01-01"], "2100"),
        ("오늘\n".encode(), ["--ref-date", "1. 1."], "--ref-date"),
    ],
)
def test_what_cannot_be_read_is_refused_with_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: bytes,
    words: list[str],
    reason: str,
) -> None:
    assert run(monkeypatch, given, *words) == 1
    said = capsys.readouterr().err.strip()
    assert reason in said
    assert "\n" not in said

"""A row that cannot be read, in each table that a mail is made from: the others go out, and it can be seen."""

import email
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.chaos.conftest import Tell
from tests.chaos.town import MORNING, Town, found_town, post_of
from tests.worker.processes import until

pytestmark = pytest.mark.postgres

NONSENSE = "'nonsense'"
LINES = r"E'한 줄\r\nBcc: somebody@else.example\r\n\r\n.\r\n<script>'"
RULE = """INSERT INTO reminder_rule (id, name, ask, kinds, precisions, certainty, which_end, offsets, offset_unit,
time, repeat_every, repeat_unit, levels, channels, position)
VALUES ({0}, 'poison {0}', '{1}', '{2}', '[]', 'any', '{3}', '"x"',
'calendar', 'noon', 0, 'calendar', '[0]', '[]', 9); UPDATE reminder SET rule_id = {0} WHERE milestone_id = {{m}}"""
# Each to one milestone ({m}) of one team with post {p}, whose person, unit and project bear its number too.
POISONED_ROWS = {
    "reminder ask": f"UPDATE reminder SET ask = {NONSENSE} WHERE milestone_id = {{m}}",
    "reminder end": f"""UPDATE reminder SET "end" = {NONSENSE} WHERE milestone_id = {{m}}""",
    "reminder rule": RULE.format("9{m}", "nonsense", "5", "nonsense"),
    "reminder rule offsets": RULE.format("8{m}", "upcoming", "[]", "end"),
    "milestone kind": f"UPDATE milestone SET kind = {NONSENSE} WHERE id = {{m}}",
    "milestone precision": f"UPDATE milestone SET precision = {NONSENSE} WHERE id = {{m}}",
    "milestone time": f"UPDATE milestone SET time = {NONSENSE}, recurrence = {NONSENSE} WHERE id = {{m}}",
    "milestone label": f"UPDATE milestone SET label = {LINES}, raw = {LINES} WHERE id = {{m}}",
    "project text": f"UPDATE project SET title = title || {LINES} WHERE id = {{m}}",
    "unit kind": f"UPDATE unit SET kind = {NONSENSE} WHERE id = (SELECT unit_id FROM post WHERE id = {{p}})",
    "unit name": f"UPDATE unit SET name = {LINES} WHERE id = (SELECT unit_id FROM post WHERE id = {{p}})",
    "person name": f"UPDATE person SET name = {LINES} WHERE id = {{p}}",
    "person address": f"UPDATE person SET email = {LINES} WHERE id = {{p}}",
    "assignment": "UPDATE assignment SET from_on = '1999-01-01', until_on = '1999-01-02' WHERE post_id = {p}",
    "status report": """INSERT INTO status_report (milestone_id, project_id, post_id, reported_at, reported_by, kind,
        reason, results, problems, measures, next_steps)
        VALUES ({m}, {m}, {p}, '2024-10-01', 'x', 'nonsense', '', '', '', '', '')""",
    "status request": """INSERT INTO status_request (key, post_id, reason, state, requested_at, due_at)
        VALUES ('poison', {p}, 'nonsense', 'requested', '2024-10-01', '2024-10-05');
        INSERT INTO status_request_item (request_id, milestone_id)
        SELECT id, {m} FROM status_request WHERE key = 'poison'""",
}
HEALTHY = 10
EIGHT = MORNING - timedelta(hours=2)

SEEN = """
SELECT count(*) FROM reminder LEFT JOIN notification ON notification.id = reminder.notification_id
WHERE milestone_id = {m} AND due_at < '2024-10-09'
AND (reminder.error <> '' OR notification.error <> '' OR reminder.state_reason <> '')
"""


def test_one_bad_row_of_each_table(town: Town, tmp_path: Path, tell: Tell) -> None:
    for process in town.of("clock", "worker"):  # they would answer for messages of the other town
        process.kill()
    with psycopg.connect(town.postgresql.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE poisoned")
    with found_town(town.postgresql, town.valkey, tmp_path, len(POISONED_ROWS) + HEALTHY, "poisoned") as sick:
        sick.make_whole()
        sick.running.move_clock_to(EIGHT)
        wave = sick.wave(len(POISONED_ROWS) + HEALTHY)
        bad = dict(zip(POISONED_ROWS, wave.duties, strict=False))
        for name, duty in bad.items():
            sick.execute(POISONED_ROWS[name].format(m=duty.milestone, p=duty.post))
        sick.running.move_clock_to(MORNING)
        healthy = {duty.post for duty in wave.duties[len(bad) :]}

        def told() -> set[int]:
            return {post_of(mail.key) for mail in sick.taken(wave)}

        def silent() -> list[str]:
            return [
                name
                for name, duty in bad.items()
                if duty.post not in told() and not sick.running.count(SEEN.format(m=duty.milestone))
            ]

        until(lambda: healthy <= told(), "the mails of the others")
        until(lambda: not silent(), f"a mail or an error for each poisoned row but {silent()}")
        found = sick.judge(wave)
        came = [name for name, duty in bad.items() if duty.post in told()]
        headers = [email.message_from_bytes(mail.content).keys() for mail in sick.taken(wave)]
        broken = [sentence for sentence in found.broken if "tells nothing" not in sentence]
    tell(
        f"all {len(healthy)} others told; of {len(bad)} poisoned rows {len(came)} told all the same ({', '.join(came)})"
    )
    assert broken == []
    assert found.repeated == ()
    assert not any("Bcc" in names for names in headers)

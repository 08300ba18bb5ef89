"""What the pages say: every word is there, in both languages where both are shown, and nothing comes from outside."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

import models
from schedules.dates_expression import Precision
from web import pages
from web.answer_items import Group
from web.catalogue import read_po, word, word_of
from web.rule_sentences import sentence

TEMPLATES = sorted((pages.HERE / "templates").glob("*.html"))
SHOWN = [
    models.Ask,
    models.AttemptOutcome,
    models.MilestoneKind,
    models.MilestoneStatus,
    models.NotificationKind,
    models.NotificationState,
    models.ReminderState,
    models.RequestReason,
    models.RequestState,
    models.RoundState,
    models.Severity,
    models.StatusKind,
    models.UnitKind,
    Group,
]


@pytest.mark.parametrize("kind", SHOWN, ids=lambda kind: kind.__name__)
def test_every_value_has_a_word(kind: type[StrEnum]) -> None:
    for value in kind:
        assert re.search("[가-힣]", word(value))


def test_every_precision_has_a_word() -> None:
    for value in Precision:
        assert re.search("[가-힣]", word_of("Precision", value.value))


def test_a_catalogue_of_several_lines_is_read() -> None:
    header, untranslated = 'msgid ""\nmsgstr "Language: en\\n"\n\n', 'msgid "다"\nmsgstr ""\n'
    text = header + '#: x\nmsgid "가"\n"나"\nmsgstr ""\n"a \\"b\\"\\n"\n\n' + untranslated
    assert read_po(text) == {"가나": 'a "b"\n'}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_inline_script_or_style_and_nothing_from_outside(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text)
    assert "| safe" not in text


def test_the_style_sheet_loads_nothing() -> None:
    for sheet in (pages.HERE / "static").glob("*.css"):
        assert not re.search(r"@import|url\(", sheet.read_text(encoding="utf-8"))


def test_each_default_rule_is_a_sentence() -> None:
    from schedules.rules import default_rules

    said = {
        rule.name: sentence(
            models.ReminderRule(
                name=rule.name,
                ask=rule.ask,
                kinds=list(rule.kinds),
                precisions=list(rule.precisions),
                certainty=rule.certainty,
                which_end=rule.which_end,
                offsets=list(rule.offsets),
                offset_unit=rule.offset_unit,
                time=f"{rule.time:%H:%M}",
                repeat_every=rule.repeat_every,
                repeat_unit=rule.repeat_unit,
                levels=list(rule.levels),
            )
        )
        for rule in default_rules()
    }
    assert said["overdue"] == (
        "모든 일정: 마감일 7일 뒤 09:00에 담당자에게 기한이 지났는데 답이 없다고 알립니다. "
        "답할 때까지 7일마다 다시 알립니다."
    )
    assert "시작일 근무일 기준 10일 전" in said["confirm-date"]
    assert "근무일 기준 60일마다(직위마다 나누어 근무일 9일 뒤까지) 09:00에" in said["check"]
    assert said["quiet"].startswith("사업마다 기한이 가장 가까운 일정: 답도 새 보고서도 없이 근무일 기준 60일마다")

"""How a dated thing stands at the document's date: planned, running, done; and whether its end is a deadline."""

from datetime import date

from documents.markup import squeeze
from documents.reading import MilestoneStatus, SectionKind
from documents.vocabulary import vocabulary
from schedules.dates_expression import DateExpression, Precision


def status_of(
    expression: DateExpression,
    words: str,
    context: SectionKind,
    as_of: date,
    *,
    is_period: bool,
    plans: bool,
    label: str,
) -> MilestoneStatus:
    """Return how a dated thing stands.

    The words beside the date decide first (예정, 진행 중), then what its section holds, then the window. `context` is
    what the innermost heading above holds, `plans` says that the whole document is a plan.
    """
    says = vocabulary().says
    ended = expression.end is not None and expression.end < as_of
    begun = expression.start is not None and expression.start < as_of
    if says("planned", words):
        return "planned"
    if says("stopped", words):
        return "cancelled"
    if says("running", words):
        return "in_progress"
    if is_period and says("over", words):
        return "done"
    if is_period and (expression.start or expression.end):
        if expression.start == expression.end and begun:
            return "done"
        return "in_progress" if begun or expression.start is None else "planned"
    if context == "next_steps" or (plans and context != "results"):
        return "done" if says("over", words) and ended else "planned"
    if expression.start is None and expression.end is None:
        return "in_progress" if expression.recurrence and context != "problems" else "planned"
    if context == "results" and expression.end == as_of and "완료" in words:
        return "done"  # on the document's own day, which is not over
    if ended:
        running = context in ("details", "overview") and says("continuous", label)
        return "in_progress" if running else "done"
    if begun:
        return "done" if says("over", words) and expression.precision is not Precision.RANGE else "in_progress"
    return "planned"


def is_deadline(
    expression: DateExpression, status: MilestoneStatus, attribute: str, words: str, as_of: date, *, is_promised: bool
) -> bool:
    """Say whether something must still be delivered by the window's end, or held within it.

    True for plans with an end, stale ones too, for what is promised (project periods, next steps) and still open, and
    for other running work whose end is not over.
    """
    if expression.end is None or status in ("done", "cancelled"):
        return False
    if vocabulary().is_attribute("not_deadline", attribute) or "인증기간" in squeeze(words):
        return False
    if expression.precision is Precision.YEAR and not expression.open_start:
        # A bare year is when a thing is due only where the text says that it is planned for it.
        return status == "planned" and vocabulary().says("planned", words)
    return status == "planned" or is_promised or expression.end >= as_of

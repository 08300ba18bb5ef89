"""Tells the admin by mail, once a day, that the auditor found a promise broken; on record like any other message."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from models.database import write
from settings import Settings
from worker.admin_mail import AdminLetter, as_html, queue_letter
from worker.watch import Fault


def tell_admin(engine: Engine, settings: Settings, now: datetime, faults: Sequence[Fault]) -> bool:
    """Whether a new mail waits for the admin: what does not hold, how many rows it concerns, and what to do."""
    if not faults:
        return False
    text = "\n".join(
        [
            "총괄 담당자님, 발송을 점검한 결과 다음과 같은 문제가 있습니다.",
            "",
            *(f"- {fault.words}: {fault.count}건" for fault in faults),
            "",
            "전산 담당자에게 'dday doctor' 결과를 확인해 달라고 요청해 주세요. 하루에 한 번만 알립니다.",
            "",
        ]
    )
    subject = "[점검 필요] 보냈어야 할 알림이 나가지 않았습니다"
    letter = AdminLetter("audit", f"{now.astimezone(settings.timezone):%Y-%m-%d}", subject, text, as_html(text))
    with write(engine) as session:
        return queue_letter(session, letter, settings, now)

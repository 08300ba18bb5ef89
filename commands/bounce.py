"""`dday bounce`: a failure notice from the mail server, read from standard input."""

import sys

import typer

from commands.opening import open_office
from commands.printing import console
from commands.run import Refused
from models.database import write
from notifications.bounces import settle_failure
from notifications.delivery_status import read_failure

MOST_BYTES = 30_000_000  # a notice carries the mail it is about


def register(app: typer.Typer) -> None:
    app.command("bounce")(bounce)


def bounce() -> None:
    """표준 입력의 반송 통지(RFC 3464)를 읽어 메일과 주소에 적습니다. / Takes one failure notice from stdin.

    예: dday bounce < notice.eml

    메일 서버의 별칭에서 바로 넘길 수도 있습니다. 예(Postfix): dday-bounces: "|/opt/dday/dday bounce"
    """
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    failure = read_failure(content) if len(content) <= MOST_BYTES else None
    if failure is None:
        raise Refused(
            "반송 통지(multipart/report, delivery-status)가 아니어서 아무것도 적지 않았습니다. "
            "/ not a failure notice: nothing was changed"
        )
    office = open_office()
    with write(office.engine) as session:
        found = settle_failure(session, failure, office.clock())
    if found is None:
        raise Refused("이 메일은 지금 보내는 중입니다. 잠시 뒤 다시 넘겨 주세요. / still leaving: hand it over again")
    console.print(f"배달되지 않은 주소 {found}개를 적었습니다. / addresses written down: {found}")

"""`dday review`: what is uncertain in what was read, as a table to correct and to read back."""

from pathlib import Path
from typing import Annotated

import typer

from commands.opening import open_office
from commands.printing import console
from documents.review import as_csv, find_doubts
from models.database import read


def register(app: typer.Typer) -> None:
    app.command("review")(review)


def review(
    out: Annotated[Path, typer.Option("--out", metavar="FILE.csv", help="목록을 쓸 파일 / where to write the list")],
) -> None:
    """읽은 것 가운데 확인이 필요한 것을 의심스러운 순서로 적습니다. / Lists what is uncertain, most doubtful first.

    팀부터 상태까지 고치거나 확인 칸에 '예'를 적은 뒤 dday import FILE.csv --kind review 로 다시 읽습니다.

    예: dday review --out 확인.csv
    """
    with read(open_office().engine) as session:
        doubts = find_doubts(session)
    out.write_bytes(as_csv(doubts))
    console.print(f"{out}: 확인할 것 {len(doubts):,}건. 고친 뒤 dday import {out} --kind review")

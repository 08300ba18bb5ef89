"""The operator's verbs: init, migrate, settings, doctor, backup, restore."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer
from sqlalchemy import delete, select, update
from sqlmodel import col

import migrations
from commands.opening import make_database, open_office
from commands.printing import Json, console, print_json, table
from commands.run import Refused, at_end, settings_now
from models import Installation, Unit
from models.archive import pack_files, read_archive, unpack_files, write_archive
from models.database import make_engine
from models.transfer import tables
from settings import DESCRIBED, ensure_secret


def register(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("migrate")(migrate)
    app.command("settings")(show_settings)
    app.command("doctor")(doctor)
    app.command("backup")(backup)
    app.command("restore")(restore)


def init(
    drill: Annotated[bool, typer.Option("--drill", help="훈련용 (되돌릴 수 없음) / for drills only")] = False,
) -> None:
    """빈 데이터베이스를 준비합니다. / Makes the database.

    예: dday init --drill
    """
    settings = ensure_secret(settings_now())
    engine = make_engine(settings.database_url)
    at_end(engine.dispose)
    if migrations.current(engine) is not None:
        raise Refused(
            "이미 준비된 데이터베이스입니다. 새 판으로 올리려면 dday migrate 를 실행해 주세요. / exists already"
        )
    make_database(engine, drill=drill)
    where = engine.url.render_as_string(hide_password=True)
    console.print(f"준비했습니다: {where}" + (" (훈련용)" if drill else ""))


def migrate() -> None:
    """데이터베이스를 이 프로그램의 판으로 올립니다(없으면 만듭니다). / Brings the database up.

    예: dday migrate
    """
    engine = make_engine(ensure_secret(settings_now()).database_url)
    at_end(engine.dispose)
    before = migrations.current(engine)
    if before is None:
        make_database(engine)
    else:
        migrations.upgrade(engine)
    after = migrations.head()
    console.print(f"이미 최신 판입니다 ({before})" if before == after else f"{before or '없음'} → {after}")


def show_settings(as_json: Json = False) -> None:
    """모든 설정과 기본값, 지금 값을 보여 줍니다. / Every setting, its default and what it is now.

    예: DDAY_TICK_SECONDS=10 dday settings
    """
    settings = settings_now()
    if as_json:
        rows = [
            {"name": s.name, "default": s.default, "meaning": s.meaning, "meaning_en": s.meaning_en} for s in DESCRIBED
        ]
        print_json(rows)
        return
    shown = table(f"설정 (데이터: {settings.data})", "이름", "기본값", "뜻", "meaning")
    for setting in DESCRIBED:
        shown.add_row(setting.name, setting.default, setting.meaning, setting.meaning_en)
    console.print(shown)


def doctor(as_json: Json = False) -> None:
    """데이터베이스, 메일 서버, 시계, 달력, 연락처를 점검합니다. / Checks everything; exit 1 on a fault.

    예: dday doctor --json
    """
    from worker.doctor import examine

    checks = examine(settings_now())
    if as_json:
        print_json([check.as_json() for check in checks])
    else:
        shown = table("점검", "항목", "상태", "내용", "할 일")
        for check in checks:
            shown.add_row(check.name, "[green]정상" if check.ok else "[red]확인 필요", check.words, check.remedy)
        console.print(shown)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="만들 파일 / the file to make")]) -> None:
    """데이터베이스 전체를 파일 하나로 저장합니다. / Saves the whole database as one file.

    예: dday backup dday-2024-10-01.zip
    """
    office = open_office()
    with NamedTemporaryFile(dir=file.resolve().parent, prefix=f".{file.name}.", delete=False) as temporary:
        try:
            with office.engine.execution_options(dday_reading=True).connect() as connection:
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                manifest = write_archive(connection, temporary, migrations.head(), office.clock())
            files = pack_files(temporary, office.settings.files)
            temporary.flush()
            os.fsync(temporary.fileno())
            Path(temporary.name).replace(file)
        except BaseException:
            Path(temporary.name).unlink(missing_ok=True)
            raise
    console.print(f"저장했습니다: {file} ({sum(manifest['rows'].values()):,}행, 파일 {files:,}개)")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="dday backup 으로 만든 파일 / a backup")],
    replace: Annotated[bool, typer.Option("--replace", help="지금 내용을 지우고 복원 / replace what is there")] = False,
) -> None:
    """백업에서 복원합니다. 발송은 꺼진 채로 시작합니다. / Restores; sending starts off.

    예: dday restore dday-2024-10-01.zip
    """
    if not file.is_file():
        raise Refused(f"{file}: 파일이 없습니다. 경로를 확인해 주세요. / no such file")
    office = open_office()
    with office.engine.begin() as connection, file.open("rb") as archive:
        if connection.execute(select(col(Unit.id)).limit(1)).first() and not replace:
            raise Refused("이미 자료가 있는 데이터베이스입니다. 다른 --data 폴더나 --replace 를 써 주세요. / not empty")
        for rows in reversed(tables()):
            connection.execute(delete(rows))
        manifest = read_archive(connection, archive, migrations.head())
        connection.execute(update(Installation).values(fingerprint=None))
        unpack_files(archive, office.settings.files)
    console.print(f"복원했습니다: {sum(manifest['rows'].values()):,}행. 발송은 꺼져 있습니다. 켜려면: dday activate")

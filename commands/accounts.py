"""`dday accounts`: who may open the pages, with which roles. Passwords come from a person or a pipe, never as a word of
the command line."""

import sys
from typing import Annotated

import typer
from sqlmodel import Session

from commands.opening import Office, open_office, unit_named
from commands.printing import Json, console, print_json, table
from commands.run import Refused
from models import Account, Role
from models.database import read, write
from web import accounts

Name = Annotated[str, typer.Argument(metavar="NAME", help="계정 이름 / the account's name")]
GivenRole = Annotated[Role | None, typer.Option("--role", help="역할 / the role")]
OfUnit = Annotated[str, typer.Option("--unit", metavar="UNIT", help="부서 이름, 없으면 전체 / none = the whole office")]
Typed = Annotated[
    bool, typer.Option("--password", help="일회용 주소 대신 비밀번호를 지금 입력 / type it, or pipe it, now")
]
BY = "admin"


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="화면에 들어오는 계정과 역할을 정합니다. / Accounts and roles.", no_args_is_help=True)
    group.command("list")(show)
    group.command("add")(add)
    group.command("roles")(roles)
    group.command("disable")(disable)
    group.command("enable")(enable)
    group.command("reset-password")(reset_password)
    group.command("reset-codes")(reset_codes)
    app.add_typer(group, name="accounts")


def show(as_json: Json = False) -> None:
    """계정과 역할을 보여 줍니다. / Every account with its roles.

    예: dday accounts list
    """
    office = open_office()
    with read(office.engine) as session:
        found = accounts.list_accounts(session)
    if as_json:
        print_json(
            [
                {
                    "name": one.account.name,
                    "roles": [{"role": given.role.value, "unit": given.unit} for given in one.roles],
                    "disabled": one.account.disabled_at is not None,
                    "has_password": one.account.password_hash is not None,
                    "has_codes": one.account.totp_seed is not None,
                }
                for one in found
            ]
        )
        return
    if not found:
        console.print("계정이 없습니다. 총괄 담당자는 dday login-link 로 들어갑니다.")
        return
    shown = table("계정", "이름", "역할", "비밀번호", "일회용 코드", "상태")
    for one in found:
        words = ", ".join(f"{given.role.value}({given.unit or '전체'})" for given in one.roles) or "-"
        has_password = "있음" if one.account.password_hash else "없음"
        has_codes = "있음" if one.account.totp_seed else "없음"
        shown.add_row(one.account.name, words, has_password, has_codes, "중지" if one.account.disabled_at else "사용")
    console.print(shown)


def add(name: Name, role: GivenRole = None, unit: OfUnit = "", password: Typed = False) -> None:
    """계정을 만들고 비밀번호를 정할 일회용 주소를 냅니다. / A new account, and a one-time address for its password.

    예: dday accounts add hong --role reviewer --unit 행정지원과
    """
    office = open_office()
    typed = _typed_password() if password else None
    with write(office.engine) as session:
        now = office.clock()
        account = accounts.add_account(session, name, now=now, by=BY)
        if role is not None:
            accounts.give_role(session, account, role, unit_named(session, unit), now=now, by=BY)
        _let_choose(session, office, account, typed)


def roles(
    name: Name,
    give: Annotated[Role | None, typer.Option("--give", help="줄 역할 / the role to give")] = None,
    take: Annotated[Role | None, typer.Option("--take", help="거둘 역할 / the role to take back")] = None,
    unit: OfUnit = "",
) -> None:
    """역할을 주거나 거둡니다. / Gives a role, or takes it back; counts from the next page on.

    예: dday accounts roles hong --give admin --unit 행정안전국
    """
    if (give is None) == (take is None):
        raise Refused("--give 와 --take 가운데 하나를 적어 주세요 / one of --give and --take")
    office = open_office()
    with write(office.engine) as session:
        account = accounts.find_account(session, name)
        now, unit_id = office.clock(), unit_named(session, unit)
        if give is not None:
            accounts.give_role(session, account, give, unit_id, now=now, by=BY)
        if take is not None:
            accounts.take_role(session, account, take, unit_id, now=now, by=BY)
    console.print(f"{account.name}: 역할을 바꿨습니다.")


def disable(name: Name) -> None:
    """계정을 멈춥니다. 접속해 있던 곳도 바로 끝납니다. / Nobody signs in with it; open sessions end.

    예: dday accounts disable hong
    """
    office = open_office()
    with write(office.engine) as session:
        accounts.disable(session, accounts.find_account(session, name), now=office.clock(), by=BY)
    console.print("멈췄습니다.")


def enable(name: Name) -> None:
    """멈춘 계정을 다시 씁니다. / Lets it sign in again.

    예: dday accounts enable hong
    """
    office = open_office()
    with write(office.engine) as session:
        accounts.enable(session, accounts.find_account(session, name), now=office.clock(), by=BY)
    console.print("다시 쓸 수 있습니다.")


def reset_password(name: Name, password: Typed = False) -> None:
    """비밀번호를 새로 정할 일회용 주소를 냅니다. / A one-time address at which a new password is chosen.

    예: dday accounts reset-password hong
    """
    office = open_office()
    typed = _typed_password() if password else None
    with write(office.engine) as session:
        _let_choose(session, office, accounts.find_account(session, name), typed)


def reset_codes(name: Name) -> None:
    """휴대전화를 잃어버린 사람이 일회용 코드를 다시 설정하게 합니다. / For a lost phone: codes are set up anew.

    예: dday accounts reset-codes hong
    """
    office = open_office()
    with write(office.engine) as session:
        accounts.forget_codes(session, accounts.find_account(session, name), now=office.clock(), by=BY)
    console.print("지웠습니다. 다음에 로그인할 때 다시 설정합니다.")


def _let_choose(session: Session, office: Office, account: Account, typed: str | None) -> None:
    """The typed password, or an address at which its owner chooses one."""
    now = office.clock()
    if typed is not None:
        accounts.set_password(session, account, typed, now=now, by=BY)
        console.print(
            f"{account.name}: 비밀번호를 정했습니다. 로그인: {office.settings.base_url}/login", soft_wrap=True
        )
        return
    link = accounts.make_password_link(session, account, now=now, settings=office.settings)
    console.print(f"{account.name}: 비밀번호를 정할 주소 (한 번, {accounts.LINK_HOURS}시간): {link}", soft_wrap=True)


def _typed_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("비밀번호 / password", hide_input=True, confirmation_prompt=True)
    return typed

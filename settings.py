"""The only reader of the environment: every setting with its default, checked once, passed on as a value."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

ROOT = Path(__file__).resolve().parent
MOST_SHIFT = 10 * 366 * 86400  # seconds
UPLOAD_KINDS = ("jpg", "png", "gif", "webp", "heic", "pdf", "hwpx", "hwp", "docx", "xlsx", "pptx")
DEFAULT_BASE_URL = "http://127.0.0.1:8000"
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


class Refusal(Exception):  # noqa: N818  (no accident: something that a person can mend)
    """Base of what a command line or a page says no to: the text tells what is wrong, where, and what to do."""


class SettingError(Refusal):
    """A setting cannot be used; the message names it, what it holds and what is allowed."""


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Weekdays (0 = Monday) and times between which mail may leave; holidays are always excluded."""

    weekdays: frozenset[int]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over. `security`: none, tls (from the first byte) or starttls."""

    host: str
    port: int
    security: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path
    database_url: str
    broker_url: str | None
    smtp: SmtpServer | None  # None = the built-in mailbox
    mail_from: str
    base_url: str
    secret_key: str = field(repr=False)
    timezone: ZoneInfo
    send_window: SendWindow
    time_shift_seconds: int
    time_shift_file: Path | None  # where it stands, when it may change while processes run
    tick_seconds: float
    lease_seconds: int
    mail_rate: float
    domain_rates: tuple[tuple[str, float], ...]  # mails a second by domain of the recipients
    link_days: int
    keep_mail_days: int  # 0 = for good
    keep_audit_days: int  # 0 = for good
    admin_email: str | None
    admin_contact: str
    heartbeat_url: str | None
    admin_codes: bool  # accounts of admins open nothing without one-time codes
    pages_a_minute: int
    trusted_proxies: tuple[str, ...]
    upload_mb: float
    upload_files: int
    upload_kinds: tuple[str, ...]
    pass_domains: tuple[str, ...]
    given: frozenset[str] = frozenset()  # names that were set, by the environment or `.env`

    @property
    def mailbox(self) -> Path:
        """Maildir of the built-in mail server."""
        return self.data / "mailbox"

    @property
    def files(self) -> Path:
        """What people attach to their answers, under random names; served only to those who may see it."""
        return self.data / "files"

    @property
    def upload_bytes(self) -> int:
        """The largest single file that an answer may carry."""
        return int(self.upload_mb * 2**20)

    @property
    def bound_url(self) -> str:
        """What activation is bound to: the address that was set. A port that `dday serve` took is no other place."""
        return self.base_url if "DDAY_BASE_URL" in self.given else DEFAULT_BASE_URL

    @property
    def is_embedded(self) -> bool:
        return self.broker_url is None

    @property
    def may_shift(self) -> bool:
        """Whether the clock is, or may come to be, another than the wall's."""
        return self.time_shift_seconds != 0 or self.time_shift_file is not None

    def time_shift(self) -> int:
        """Seconds by which the clock is moved now: a drill's DDAY_TIME_SHIFT_FILE is read anew at each call."""
        return self.time_shift_seconds if self.time_shift_file is None else _shift_in(self.time_shift_file)


@dataclass(frozen=True, slots=True)
class Described:
    """One line of `dday settings`."""

    name: str
    default: str
    meaning: str
    meaning_en: str


DESCRIBED = (
    Described("DDAY_DATA", "data/ (dday 옆)", "데이터 폴더", "database, mailbox, files, generated secret"),
    Described(
        "DDAY_DATABASE_URL", "sqlite:///…/dday.sqlite3", "데이터베이스", "SQLite file or postgresql://user:pw@host/db"
    ),
    Described("DDAY_BROKER_URL", "(없음: 내장 실행)", "작업 전달 서버", "redis://host:6379/0; none = embedded"),
    Described(
        "DDAY_SMTP_URL", "(없음: 내장 메일함)", "메일 서버", "smtp:// smtps:// smtp+starttls://user:pw@host:port"
    ),
    Described("DDAY_MAIL_FROM", "dday@localhost", "보내는 주소", "sender address, `이름 <주소>` allowed"),
    Described("DDAY_BASE_URL", DEFAULT_BASE_URL, "메일 속 링크의 주소", "address that links in mails begin with"),
    Described(
        "DDAY_SECRET_KEY",
        "(자동 생성)",
        "서명 비밀값, 또는 DDAY_SECRET_KEY_FILE",
        "signing secret, or _FILE; generated in the data folder",
    ),
    Described("DDAY_TIMEZONE", "Asia/Seoul", "시간대", "time zone in which days are decided"),
    Described(
        "DDAY_SEND_WINDOW",
        "WORKDAYS 09:00-18:00",
        "발송 시간대",
        "WORKDAYS or names (MON,TUE…) and times; holidays excluded",
    ),
    Described(
        "DDAY_TIME_SHIFT",
        "0",
        "훈련용 시각 이동(초)",
        "seconds added to the clock, drills only; a _FILE is read at each tick",
    ),
    Described("DDAY_TICK_SECONDS", "30", "예정 확인 간격(초)", "longest sleep of the clock, seconds"),
    Described("DDAY_LEASE_SECONDS", "120", "발송 점유 시간(초)", "how long a sender may hold a message, seconds"),
    Described(
        "DDAY_MAIL_RATE",
        "0",
        "초당 발송 수, 모든 프로세스를 합하여 (0 = 제한 없음)",
        "mails per second of all processes together, 0 = no limit",
    ),
    Described(
        "DDAY_DOMAIN_RATES",
        "(없음)",
        "받는 도메인별 초당 발송 수. 예: korea.kr=5,naver.com=0.5",
        "mails per second by the recipients' domain, all processes together",
    ),
    Described("DDAY_LINK_DAYS", "30", "답변 링크 유효 기간(일)", "days an answer link lives"),
    Described(
        "DDAY_KEEP_MAIL_DAYS",
        "0",
        "보낸 메일의 본문과 시도 기록을 보관하는 일수 (0 = 계속, 90 이상)",
        "days for which texts and attempts of mails are kept, 0 = for good, at least 90",
    ),
    Described(
        "DDAY_KEEP_AUDIT_DAYS",
        "0",
        "감사 기록을 보관하는 일수 (0 = 계속, 365 이상)",
        "days for which the record of acts is kept, 0 = for good, at least 365",
    ),
    Described("DDAY_ADMIN_EMAIL", "(없음)", "총괄 담당자 전자우편", "address that hears what nobody else can"),
    Described(
        "DDAY_ADMIN_CONTACT",
        "총괄 담당자",
        "안내문에 쓰는 총괄 담당자 연락처",
        "whom to call, as shown on pages and mails",
    ),
    Described(
        "DDAY_PASS_DOMAINS",
        "(없음: 담당자와 같은 도메인만)",
        "일정을 넘길 수 있는 다른 전자우편 도메인",
        "domains beside the lead's own to which items may be passed on, comma-separated",
    ),
    Described("DDAY_HEARTBEAT_URL", "(없음)", "감사 통과 시 호출할 주소", "called only when the audit passes"),
    Described("DDAY_UPLOAD_MB", "10", "답변에 붙이는 파일 하나의 크기(MB)", "largest file with an answer, megabytes"),
    Described(
        "DDAY_UPLOAD_FILES",
        "5",
        "일정 하나의 답변에 붙이는 파일 수, 0 = 받지 않음",
        "most files with one answer, 0 = none",
    ),
    Described(
        "DDAY_UPLOAD_TYPES",
        ",".join(UPLOAD_KINDS),
        "답변에 붙일 수 있는 파일 종류",
        "kinds of files allowed, checked by their content",
    ),
    Described(
        "DDAY_ADMIN_CODES", "required", "관리자 계정의 일회용 코드", "one-time codes of admins: required, optional"
    ),
    Described(
        "DDAY_PAGES_A_MINUTE", "600", "한 주소의 분당 화면 수 (0 = 제한 없음)", "pages a minute from one address"
    ),
    Described(
        "DDAY_TRUSTED_PROXIES",
        "(없음)",
        "X-Forwarded-For를 믿을 프록시 주소",
        "addresses of proxies whose X-Forwarded-For and -Proto are believed",
    ),
)


def load_settings(environ: Mapping[str, str] | None = None, *, data: Path | None = None) -> Settings:
    """Settings from the environment, then `.env` beside the code, then defaults; `data` (--data) wins over both.

    Reads files, writes none (see `ensure_secret`). Raises SettingError for the first value that cannot be used.
    """
    values = dict(_dotenv(ROOT / ".env"))
    values.update(os.environ if environ is None else environ)
    get = _Reader(values)
    folder = (data or Path(get.text("DDAY_DATA", str(ROOT / "data")))).expanduser().absolute()
    return Settings(
        data=folder,
        database_url=get.database_url(f"sqlite:///{folder / 'dday.sqlite3'}"),
        broker_url=get.broker_url(),
        smtp=get.smtp(),
        mail_from=get.mail_from(),
        base_url=get.base_url(),
        secret_key=get.secret(folder),
        timezone=get.timezone(),
        send_window=parse_send_window(get.text("DDAY_SEND_WINDOW", "WORKDAYS 09:00-18:00")),
        time_shift_seconds=int(get.number("DDAY_TIME_SHIFT", 0, -MOST_SHIFT, MOST_SHIFT)),
        time_shift_file=get.file_of("DDAY_TIME_SHIFT"),
        tick_seconds=get.number("DDAY_TICK_SECONDS", 30, 0.05, 3600),
        lease_seconds=int(get.number("DDAY_LEASE_SECONDS", 120, 2, 86400)),
        mail_rate=get.number("DDAY_MAIL_RATE", 0, 0, 100_000),
        domain_rates=get.domain_rates(),
        link_days=int(get.number("DDAY_LINK_DAYS", 30, 1, 3660)),
        keep_mail_days=get.days_kept("DDAY_KEEP_MAIL_DAYS", 90),
        keep_audit_days=get.days_kept("DDAY_KEEP_AUDIT_DAYS", 365),
        admin_email=get.optional("DDAY_ADMIN_EMAIL"),
        admin_contact=get.text("DDAY_ADMIN_CONTACT", "총괄 담당자"),
        heartbeat_url=get.heartbeat_url(),
        admin_codes=get.choice("DDAY_ADMIN_CODES", ("required", "optional")) == "required",
        pages_a_minute=int(get.number("DDAY_PAGES_A_MINUTE", 600, 0, 1_000_000)),
        trusted_proxies=get.networks("DDAY_TRUSTED_PROXIES"),
        upload_mb=get.number("DDAY_UPLOAD_MB", 10, 0.01, 1000),
        upload_files=int(get.number("DDAY_UPLOAD_FILES", 5, 0, 20)),
        upload_kinds=get.upload_kinds(),
        pass_domains=get.pass_domains(),
        given=frozenset(name for name, value in values.items() if name.startswith("DDAY_") and value.strip()),
    )


def ensure_secret(settings: Settings) -> Settings:
    """The same settings with a signing secret: a generated one is kept in the data folder, mode 600."""
    if settings.secret_key:
        return settings
    settings.data.mkdir(parents=True, exist_ok=True)
    path = settings.data / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return replace(settings, secret_key=path.read_text(encoding="ascii").strip())


def parse_send_window(text: str) -> SendWindow:
    """`WORKDAYS 09:00-18:00` or `MON,WED,FRI 10:00-12:00`. Raises SettingError."""
    match = re.fullmatch(r"\s*([A-Za-z,]+)\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text)
    allowed = "예: WORKDAYS 09:00-18:00 또는 MON,TUE,FRI 10:00-16:30 / e.g. WORKDAYS 09:00-18:00"
    if match is None:
        raise SettingError(f"DDAY_SEND_WINDOW: '{text}'을(를) 읽을 수 없습니다. {allowed}")
    names = match[1].upper().split(",")
    if names == ["WORKDAYS"]:
        weekdays = frozenset(range(5))
    elif all(name in WEEKDAYS for name in names):
        weekdays = frozenset(WEEKDAYS.index(name) for name in names)
    else:
        raise SettingError(f"DDAY_SEND_WINDOW: '{match[1]}'은(는) 요일이 아닙니다. {allowed}")
    try:
        opens, closes = time(int(match[2]), int(match[3])), time(int(match[4]), int(match[5]))
    except ValueError as error:
        raise SettingError(f"DDAY_SEND_WINDOW: '{text}'에 없는 시각이 있습니다. {allowed}") from error
    if opens >= closes:
        raise SettingError(f"DDAY_SEND_WINDOW: 시작이 끝보다 빨라야 합니다('{text}'). {allowed}")
    return SendWindow(weekdays, opens, closes)


class _Reader:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def optional(self, name: str) -> str | None:
        """The value, or what stands in the file that `NAME_FILE` names: secrets need not be in the environment."""
        given = self.values.get(name, "").strip()
        path = self.values.get(f"{name}_FILE", "").strip()
        if given or not path or name == "DDAY_SECRET_KEY":  # whose file has a default place, see `secret`
            return given or None
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except OSError as error:
            raise SettingError(
                f"{name}_FILE: {path}을(를) 읽을 수 없습니다 ({error.strerror}) / cannot be read"
            ) from error

    def file_of(self, name: str) -> Path | None:
        """The file that `NAME_FILE` names, unless `NAME` itself is given."""
        path = self.values.get(f"{name}_FILE", "").strip()
        return Path(path) if path and not self.values.get(name, "").strip() else None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def number(self, name: str, default: float, low: float, high: float) -> float:
        given = self.optional(name)
        try:
            value = default if given is None else float(given)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise SettingError(
                f"{name}: '{given}'은(는) 쓸 수 없습니다. {low:g}에서 {high:g} 사이의 수 / a number {low:g} … {high:g}"
            )
        return value

    def days_kept(self, name: str, least: int) -> int:
        """0 = for good; a short time is refused, since it is more likely a slip than a wish."""
        days = int(self.number(name, 0, 0, 36_600))
        if 0 < days < least:
            raise SettingError(
                f"{name}: {days}일은 너무 짧습니다. 0(계속 보관) 또는 {least} 이상 / 0 (for good) or at least {least}"
            )
        return days

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        given = self.text(name, allowed[0])
        if given not in allowed:
            raise SettingError(f"{name}: '{given}'은(는) 쓸 수 없습니다. {', '.join(allowed)} 중 하나 / one of these")
        return given

    def networks(self, name: str) -> tuple[str, ...]:
        given = tuple(one.strip() for one in self.text(name, "").split(",") if one.strip())
        try:
            return tuple(str(ip_network(one)) for one in given)
        except ValueError as error:
            raise SettingError(
                f"{name}: '{', '.join(given)}'에 주소가 아닌 것이 있습니다. 예: 10.0.0.5, 10.1.0.0/16 / addresses"
            ) from error

    def timezone(self) -> ZoneInfo:
        name = self.text("DDAY_TIMEZONE", "Asia/Seoul")
        if name not in available_timezones():
            raise SettingError(
                f"DDAY_TIMEZONE: '{name}'은(는) 시간대 이름이 아닙니다. 예: Asia/Seoul / an IANA time zone"
            )
        return ZoneInfo(name)

    def database_url(self, default: str) -> str:
        url = self.text("DDAY_DATABASE_URL", default)
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise SettingError(
                "DDAY_DATABASE_URL: sqlite:///파일 또는 postgresql://사용자:암호@서버/이름 이어야 합니다"
            )
        if not url.startswith("sqlite"):
            _require_port("DDAY_DATABASE_URL", url)
        return url

    def broker_url(self) -> str | None:
        url = self.optional("DDAY_BROKER_URL")
        if url is not None and not url.startswith(("redis://", "rediss://", "redis+socket://")):
            raise SettingError("DDAY_BROKER_URL: redis://서버:6379/0 형식이어야 합니다 / redis://host:port/db")
        if url is not None and not url.startswith("redis+socket"):
            _require_port("DDAY_BROKER_URL", url)
            if not re.fullmatch(r"/?\d{0,5}", urlsplit(url).path):
                raise SettingError("DDAY_BROKER_URL: 서버 뒤에는 번호만 씁니다. 예: redis://서버:6379/0 / a number")
        return url

    def heartbeat_url(self) -> str | None:
        url = self.optional("DDAY_HEARTBEAT_URL")
        if url is not None and not re.match(r"https?://[^/\s]", url):
            raise SettingError("DDAY_HEARTBEAT_URL: http:// 또는 https:// 주소가 아닙니다 / not an http(s) address")
        return url

    def base_url(self) -> str:
        url = self.text("DDAY_BASE_URL", DEFAULT_BASE_URL).rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingError(
                f"DDAY_BASE_URL: '{url}'은(는) http:// 또는 https:// 주소가 아닙니다 / an http(s) address"
            )
        return url

    def upload_kinds(self) -> tuple[str, ...]:
        text = self.text("DDAY_UPLOAD_TYPES", ",".join(UPLOAD_KINDS))
        names = tuple(dict.fromkeys(part.strip().lower().lstrip(".") for part in text.split(",") if part.strip()))
        for name in names:
            if name not in UPLOAD_KINDS:
                raise SettingError(
                    f"DDAY_UPLOAD_TYPES: '{name}'은(는) 쓸 수 없습니다. 가능한 값: {', '.join(UPLOAD_KINDS)}"
                )
        return names

    def domain_rates(self) -> tuple[tuple[str, float], ...]:
        """Written as `korea.kr=5,naver.com=0.5`; a domain counts by itself, without those under it."""
        rates: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in self.text("DDAY_DOMAIN_RATES", "").split(","))):
            match = re.fullmatch(r"@?([a-z0-9-]+(?:\.[a-z0-9-]+)*)\s*=\s*(\d+(?:\.\d+)?)", part.lower())
            if match is None or not 0.001 <= float(match[2]) <= 100_000 or match[1] in rates:
                raise SettingError(
                    f"DDAY_DOMAIN_RATES: '{part}'은(는) 쓸 수 없습니다. 도메인마다 한 번, 0.001 이상의 초당 발송 수: "
                    "korea.kr=5,naver.com=0.5 / each domain once, mails per second"
                )
            rates[match[1]] = float(match[2])
        return tuple(rates.items())

    def pass_domains(self) -> tuple[str, ...]:
        names = [part.strip().lower().lstrip("@") for part in self.text("DDAY_PASS_DOMAINS", "").split(",")]
        for name in filter(None, names):
            if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", name):
                raise SettingError(
                    f"DDAY_PASS_DOMAINS: '{name}'은(는) 전자우편의 도메인이 아닙니다. 예: office.go.kr,partner.or.kr"
                )
        return tuple(dict.fromkeys(filter(None, names)))

    def mail_from(self) -> str:
        sender = self.text("DDAY_MAIL_FROM", "dday@localhost")
        if not re.fullmatch(r"(?:[^<>\r\n]*<)?[^@<>\s]+@[^@<>\s]+>?", sender):
            raise SettingError(
                f"DDAY_MAIL_FROM: '{sender}'은(는) 전자우편 주소가 아닙니다. 예: 주요업무 알림 <dday@example.go.kr>"
            )
        return sender

    def smtp(self) -> SmtpServer | None:
        url = self.optional("DDAY_SMTP_URL")
        if url is None:
            return None
        parts = urlsplit(url)
        schemes = {"smtp": ("none", 25), "smtps": ("tls", 465), "smtp+starttls": ("starttls", 587)}
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in schemes or not parts.hostname or port == -1:
            raise SettingError(
                "DDAY_SMTP_URL: smtp:// smtps:// smtp+starttls:// 중 하나여야 합니다. 예: smtp://user:pw@mail.example:25"
            )
        security, default_port = schemes[parts.scheme]
        user = unquote(parts.username) if parts.username else None
        return SmtpServer(parts.hostname, port or default_port, security, user, unquote(parts.password or "") or None)

    def secret(self, folder: Path) -> str:
        given = self.optional("DDAY_SECRET_KEY")
        path = Path(self.text("DDAY_SECRET_KEY_FILE", str(folder / "secret_key")))
        if given is None and (path.exists() or self.optional("DDAY_SECRET_KEY_FILE")):
            try:
                given = path.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingError(
                    f"DDAY_SECRET_KEY_FILE: {path}을(를) 읽을 수 없습니다 ({error.strerror}) / cannot be read"
                ) from error
        if given is not None and len(given) < 16:
            raise SettingError("DDAY_SECRET_KEY: 16자 이상이어야 합니다 / at least 16 characters")
        return given or ""


def _require_port(name: str, url: str) -> None:
    """The text does not repeat the address, which may hold a password."""
    try:
        port = urlsplit(url).port
    except ValueError:
        port = 0
    if port == 0:
        raise SettingError(f"{name}: 포트가 1에서 65535 사이의 수가 아닙니다 / not a port")


def _shift_in(file: Path) -> int:
    name = "DDAY_TIME_SHIFT"
    return int(_Reader({f"{name}_FILE": str(file)}).number(name, 0, -MOST_SHIFT, MOST_SHIFT))


def _dotenv(path: Path) -> Mapping[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, IsADirectoryError):
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip().removeprefix("export "): value.strip().strip("'\"") for name, value in pairs}

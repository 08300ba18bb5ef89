"""What every mail of this installation carries, and how it names people."""

from dataclasses import dataclass
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from schedules.people import Recipient
from settings import Settings


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every mail of this installation carries: sender, whom to call, time zone, whether it is a drill."""

    sender_name: str
    sender_address: str
    contact: str
    timezone: ZoneInfo
    drill: bool = False

    @property
    def host(self) -> str:
        return self.sender_address.rpartition("@")[2]


def letterhead(settings: Settings, *, drill: bool) -> Letterhead:
    name, address = parseaddr(settings.mail_from)
    return Letterhead(name, address, settings.admin_contact, settings.timezone, drill)


def display_name(recipient: Recipient) -> str:
    """`홍길동 팀장`; for a deputy `홍길동 팀장 업무대행`."""
    return f"{recipient.name} {recipient.post_title}".rstrip() + (" 업무대행" if recipient.deputy_for else "")

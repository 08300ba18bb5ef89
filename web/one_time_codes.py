"""One-time codes of an authenticator app: RFC 6238 (TOTP) on RFC 4226 (HOTP), SHA-1, six digits, 30 seconds.

The secret is not stored: it is made from the account's seed and the office's signing secret.
"""

import base64
import hmac
import secrets
import struct
from datetime import datetime
from hashlib import sha1, sha256
from urllib.parse import quote, urlencode

from sqlalchemy import delete, update
from sqlmodel import Session, col

from models import Account, RecoveryCode
from settings import Settings
from web.security import token_hash

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS = 1  # clocks may be half a minute apart (RFC 6238, 5.2)
RECOVERY_CODES = 10
ISSUER = "Dday"


def make_seed() -> str:
    return secrets.token_urlsafe(16)


def secret_of(settings: Settings, account_id: int, seed: str) -> bytes:
    """The 20 bytes that the app knows."""
    return hmac.new(settings.secret_key.encode(), f"totp:{account_id}:{seed}".encode(), sha256).digest()[:20]


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """HOTP of the step: RFC 4226, 5.3."""
    digest = hmac.new(secret, struct.pack(">Q", step), sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def match_step(secret: bytes, typed: str, moment: datetime, after: int = 0) -> int | None:
    """The step whose code was typed, one step around `moment`; a step up to `after` has been used (RFC 6238, 5.2)."""
    given = "".join(typed.split())
    now = step_of(moment)
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), given.encode()):
            return step
    return None


def key_of(secret: bytes) -> str:
    """The secret as apps take it by hand: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address_of(secret: bytes, name: str) -> str:
    """`otpauth://…`, what a QR code of an authenticator app holds."""
    query = urlencode({"secret": key_of(secret).replace(" ", ""), "issuer": ISSUER})
    return f"otpauth://totp/{quote(f'{ISSUER}:{name}')}?{query}"


def use_code(session: Session, settings: Settings, account: Account, typed: str, moment: datetime) -> bool:
    """Whether the code, or one of the recovery codes, is good now; each is good once, for one of two who race."""
    assert account.id is not None
    assert account.totp_seed is not None
    step = match_step(secret_of(settings, account.id, account.totp_seed), typed, moment, account.totp_step)
    if step is not None:
        used = update(Account).where(col(Account.id) == account.id, col(Account.totp_step) < step)
        return session.execute(used.values(totp_step=step).returning(col(Account.id))).first() is not None
    spent = update(RecoveryCode).where(
        col(RecoveryCode.account_id) == account.id,
        col(RecoveryCode.code_sha256) == token_hash(_plain(typed)),
        col(RecoveryCode.used_at).is_(None),
    )
    return session.execute(spent.values(used_at=moment).returning(col(RecoveryCode.id))).first() is not None


def keep_codes(session: Session, account: Account, seed: str, step: int) -> list[str]:
    """The seed is the account's from now on; returns new recovery codes, shown once and stored as hashes."""
    assert account.id is not None
    account.totp_seed, account.totp_step = seed, step
    session.add(account)
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account.id))
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account.id, code_sha256=token_hash(code)) for code in codes)
    return [f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}" for code in codes]


def _plain(typed: str) -> str:
    return "".join(one for one in typed.casefold() if one.isalnum())

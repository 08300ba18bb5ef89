"""What every response carries and no request may do: headers, size of a body, writes sent from other sites."""

import hmac
from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 2_000_000

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; frame-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# A mail's HTML: its own inline styles and pictures inside the message, no script, no form, nothing from outside;
# links open in a window of their own, as in a mail program.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)

PAGE_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware. A route that sets one of the headers itself keeps its own value."""

    def __init__(self, app: ASGIApp, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PAGE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refuse(Headers(scope=scope), scope["method"])
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
            return

        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_body_bytes:
                return {"type": "http.disconnect"}  # a body that lied about its length: stop reading it
            return message

        await self.app(scope, receive_limited, send_guarded)

    def _refuse(self, headers: Headers, method: str) -> PlainTextResponse | None:
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.max_body_bytes:
            return PlainTextResponse("보낸 내용이 너무 큽니다. / Too large.\n", status_code=413)
        # `Origin` is `null` under our own Referrer-Policy; Sec-Fetch-Site is what browsers still tell the truth with.
        if method not in ("GET", "HEAD") and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return PlainTextResponse(
                "다른 사이트에서 보낸 요청은 받지 않습니다. / Cross-site request.\n", status_code=403
            )
        return None


def form_token(secret_key: str, bound_to: str) -> str:
    """The hidden field of a form: only who may see the page of `bound_to` (a link, a session) can know it."""
    return hmac.new(secret_key.encode(), f"form:{bound_to}".encode(), sha256).hexdigest()


def is_form_token(secret_key: str, bound_to: str, given: str) -> bool:
    return hmac.compare_digest(form_token(secret_key, bound_to).encode(), given.encode("utf-8", "replace"))


def token_hash(token: str) -> str:
    """How a token is stored: only its hash is at rest."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()

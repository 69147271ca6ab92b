"""What every request passes before it is read: the token, the size of its body, the clock."""

from __future__ import annotations

import hmac
import time

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lesionlab.errors import LesionlabError, PictureError, ServiceError
from lesionlab.images.decode import MAX_BYTES
from lesionlab.service.state import Service

# The largest picture that may be decoded, and a megabyte for the form around it.
BODY_BYTES = MAX_BYTES + 2**20
# Scripts and styles of /docs.
DOCUMENT_FILES = "/docs-files"
OPEN_PATHS = {"/health", "/docs", "/openapi.json"}


class Gate:
    """Middleware: refuses strangers and bodies that are too large, and notes when it was used."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._may_enter(scope["path"], headers.get("authorization", "")):
            await _refusal(401, _wrong_token())(scope, receive, send)
            return
        begin = time.monotonic()
        self.service.active_requests += 1
        try:
            await self._with_small_body(headers, scope, receive, send)
        finally:
            self.service.active_requests -= 1
            if scope["path"] != "/health":
                self.service.last_used = time.monotonic()
                self.service.seconds_at_work += self.service.last_used - begin

    def _may_enter(self, path: str, authorization: str) -> bool:
        is_open = path in OPEN_PATHS or path.startswith(DOCUMENT_FILES + "/")
        if self.service.token is None or (is_open and not self.service.private):
            return True
        expected = f"Bearer {self.service.token}"
        return hmac.compare_digest(authorization.encode(), expected.encode())

    async def _with_small_body(
        self, headers: Headers, scope: Scope, receive: Receive, send: Send
    ) -> None:
        announced = headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > BODY_BYTES:
            await _refusal(413, _too_large())(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # A body without a length is cut off; whoever reads it takes that for a disconnect.
            return {"type": "http.disconnect"} if received > BODY_BYTES else message

        async def send_if_whole(message: Message) -> None:
            if received <= BODY_BYTES:
                await send(message)

        await self.app(scope, counted, send_if_whole)
        if received > BODY_BYTES:
            await _refusal(413, _too_large())(scope, receive, send)


def _refusal(status: int, error: LesionlabError) -> JSONResponse:
    return JSONResponse(error.to_dict(), status)


def _wrong_token() -> ServiceError:
    return ServiceError(
        "Expected the service's token in the header `Authorization: Bearer TOKEN`.",
        "There is none, or it is another one.",
        "Ask whoever runs the service for it (LESIONLAB_SERVICE_TOKEN).",
    )


def _too_large() -> PictureError:
    return PictureError(
        f"Expected a picture of at most {MAX_BYTES // 2**20} MB.",
        "This one is larger.",
        "Save it smaller, for instance as JPEG.",
    )

"""The FastAPI application: routes behind the gate, and every error as a sentence."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from lesionlab import __version__
from lesionlab.errors import JobError, LesionlabError, ServiceError
from lesionlab.service import explaining_routes
from lesionlab.service.gate import DOCUMENT_FILES, Gate
from lesionlab.service.routes import router
from lesionlab.service.state import Service

DESCRIPTION = (
    "Asks models of skin lesions about pictures. For research and teaching: not a diagnosis, "
    "not a medical device. Every error is JSON with `expected`, `received` and `what_to_do`."
)

log = logging.getLogger(__name__)


def create_app(service: Service) -> FastAPI:
    """The application of one running service."""
    described: dict[str, Any] = {
        "title": "lesionlab",
        "description": DESCRIPTION,
        "version": __version__,
    }
    if service.private:
        app = FastAPI(openapi_url=None, **described)
    else:
        # FastAPI's own page of documents loads its scripts from the network.
        app = FastAPIOffline(redoc_url=None, static_url=DOCUMENT_FILES, **described)
    app.state.service = service
    app.include_router(router)
    app.include_router(explaining_routes.router)
    app.add_middleware(Gate, service=service)
    app.exception_handler(LesionlabError)(_say)
    app.exception_handler(RequestValidationError)(_say_what_is_missing)
    app.exception_handler(HTTPException)(_say_status)
    app.exception_handler(Exception)(_say_own_fault)
    return app


def _say(request: Request, error: LesionlabError) -> JSONResponse:
    status = 503 if isinstance(error, ServiceError) else 404 if isinstance(error, JobError) else 422
    return JSONResponse(error.to_dict(), status)


def _say_what_is_missing(request: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "the body"
    words = ServiceError(
        f"The field {field} of this request cannot be used: {first['msg']}.",
        what_to_do="The service's page /docs shows what a request looks like.",
    )
    return JSONResponse(words.to_dict(), 422)


def _say_status(request: Request, error: HTTPException) -> JSONResponse:
    words = ServiceError(
        "The service could not read this request.",
        f"{error.detail}.",
        "The service's page /docs shows what a request looks like.",
    )
    return JSONResponse(words.to_dict(), error.status_code)


def _say_own_fault(request: Request, error: Exception) -> JSONResponse:
    words = ServiceError(
        "The model service made a mistake of its own.",
        f"{type(error).__name__} while answering {request.url.path}.",
        "Its log, service.log in the home folder, says more.",
    )
    return JSONResponse(words.to_dict(), 500)

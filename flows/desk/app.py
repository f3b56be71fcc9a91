"""The application: every route, what stands before it, and the files of its pages."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from flows.desk import (
    account_routes,
    board_routes,
    case_routes,
    check_routes,
    export_routes,
    hand_in_routes,
    picture_routes,
    proof_routes,
    review_routes,
    student_routes,
)
from flows.desk.answering import HERE, answer_refusals
from flows.desk.desk_state import Desk
from flows.desk.protection import protect

ROUTERS = (
    account_routes.router,
    review_routes.router,
    case_routes.router,
    picture_routes.router,
    board_routes.router,
    student_routes.router,
    export_routes.router,
    proof_routes.router,
    check_routes.router,
    hand_in_routes.router,
)


def desk_app(desk: Desk) -> FastAPI:
    """Make the application of a desk."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    for router in ROUTERS:
        app.include_router(router)
    static_files(app)
    answer_refusals(app)
    protect(app, desk, desk.season().spec.reading.max_bytes)
    return app


def static_files(app: FastAPI) -> None:
    """Serve the style sheet and the scripts."""
    app.mount("/static", StaticFiles(directory=HERE / "static"))

"""提交: a student hands in the photo that was tried, by the link; a round takes it from there."""

import hashlib
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, File, HTTPException, UploadFile
from fastapi.responses import Response

from flows.desk.access import TheDesk
from flows.desk.answering import see
from flows.desk.handing_in import handing_in, has_come
from flows.desk.protection import tokened
from flows.desk.student_links import ByLink
from pipeline.core.errors import NotPhotoError, UsageError
from pipeline.core.records import FileKind
from pipeline.image.sniff import sniff
from pipeline.ledger.handed_in import hand_in

router = APIRouter()
_HEAD_BYTES = 1 << 16  # enough to tell what a file is, unopened


@router.post("/hand-in", dependencies=[Depends(tokened)])
def hand_in_photo(desk: TheDesk, student: ByLink, photo: Annotated[UploadFile, File()]) -> Response:
    """Write a photo down as the student's; the link was looked up when all of it had come."""
    if not desk.self_check.may(student, ""):
        raise HTTPException(429)
    _refuse_no_photo(photo.file.read(_HEAD_BYTES))
    sha256 = _sha256(photo.file)
    season, now = desk.season(), desk.clock()
    with desk.engine.connect() as connection:
        refused = handing_in(season, connection, student, now).refused
        if has_come(season, connection, student, sha256):  # after: it may come at this moment
            return see("/proof")
    if refused is not None:
        raise UsageError(refused)
    photo.file.seek(0)
    hand_in(season.folder, student, sha256, photo.file, now)
    desk.changed.set()
    return see("/proof")


def _sha256(file: BinaryIO) -> str:
    """Hash an upload a piece at a time, from its beginning."""
    file.seek(0)
    found = hashlib.sha256()
    for piece in iter(lambda: file.read(1 << 20), b""):
        found.update(piece)
    return found.hexdigest()


def _refuse_no_photo(head: bytes) -> None:
    """Take no attempt for what can be no photo; what may be one is examined."""
    try:
        sniff(head)
    except NotPhotoError as error:
        if not head or error.kind is not FileKind.UNKNOWN:
            raise UsageError(error.why) from None

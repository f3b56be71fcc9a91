"""The names of all that a run writes in its output folder, once each.

Who writes there or reads it again takes the name from here. Results are never written over
what was given, so a name that is missing is a danger: a test compares the list with what a
shoot and a season write.
"""

from enum import StrEnum

REGISTER = "图像信息异常登记表"
# Folders of what is made of a finished run for people to act on, beside its results.
LISTS = "lists"
NOTICES = "notices"
MANIFEST = "manifest.csv"  # the list in the folder of registration files


class OutputFile(StrEnum):
    """A file or folder; the two folders hold pictures, and one of them its list."""

    STUDENTS = "students.csv"
    PHOTOS = "photos.csv"
    FINDINGS = "findings.csv"
    PAIRS = "pairs.csv"
    PROPOSALS = "proposals.csv"
    BOOTH = "booth.csv"
    FINGERPRINTS = "fingerprints.npz"
    SHOOT = "shoot.json"  # whose results these are
    WORKBOOK = "report.xlsx"
    PAGE = "report.html"
    PAGE_PICTURES = "report_files"
    ENTRIES = "entries.jsonl.gz"
    UPLOAD = "upload"
    SEASON = "season"  # of `watch`: its memory, a season's folder
    # Of a season alone.
    ATTEMPTS = "attempts.csv"
    STATES = "states.csv"
    REGISTER_CSV = f"{REGISTER}.csv"
    REGISTER_XLSX = f"{REGISTER}.xlsx"

"""Shared set-up: the demo shoot, a sitter before a backdrop, and one examined photo."""

import csv
import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# Before the program is imported: it finds its language, and settings of whoever runs the tests.
os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("GRADPHOTO_LANG", None)
os.environ["XDG_CONFIG_HOME"] = os.devnull

ROOT = Path(__file__).resolve().parents[1]
BLUE = (100, 197, 255)  # the standard's reference

pytest_plugins = ["kept_templates", "prefect_server", "reassigning", "latin_desk"]


def pytest_collection_modifyitems(config, items):
    folder = photos_folder()
    if folder.is_dir():
        return
    skip = pytest.mark.skip(reason=f"the labelled photographs are not here: {folder.name}/")
    for item in items:
        if "photos" in item.keywords:
            item.add_marker(skip)


def photos_folder() -> Path:
    return Path(os.environ.get("GRADPHOTO_PHOTOS", ROOT.parent / "shared" / "photos"))


@pytest.fixture(scope="session")
def photos() -> Path:
    """The labelled photographs, for measuring only."""
    return photos_folder()


@pytest.fixture(scope="session")
def demo() -> Path:
    """The demo shoot; built where `make` has not built it yet."""
    from fixtures.build import build

    folder = ROOT / "build" / "demo"
    build(folder)
    return folder


@pytest.fixture(scope="session")
def spec():
    from checks import CHECKS
    from pipeline.spec.spec import load_spec

    return load_spec("chsi_graduate", CHECKS)


@pytest.fixture(scope="session")
def sitter() -> Callable[..., np.ndarray]:
    """A drawn person before a backdrop: (1280, 960, 3) uint8, with room on every side."""
    from fixtures.people import person, portrait

    sheets: dict[tuple, np.ndarray] = {}

    def draw(seed=3, *, backdrop=BLUE, cloth=None, **how) -> np.ndarray:
        key = (seed, cloth, *sorted(how.items()))
        if key not in sheets:
            who = person(seed) if cloth is None else replace(person(seed), cloth=cloth)
            sheets[key] = portrait(who, 24.0, **how)
        sheet = sheets[key]
        height, width = 1280, 960
        picture = np.empty((height, width, 3), np.float32)
        picture[:] = backdrop
        cut = sheet[: height - 60, max(0, (sheet.shape[1] - width) // 2) :][:, :width]
        top, left = 60, (width - cut.shape[1]) // 2
        alpha = cut[:, :, 3:] / 255
        where = picture[top : top + cut.shape[0], left : left + cut.shape[1]]
        where[:] = where * (1 - alpha) + cut[:, :, :3] * alpha
        return np.clip(picture, 0, 255).round().astype(np.uint8)

    return draw


@pytest.fixture(scope="session")
def framed() -> Callable[..., np.ndarray]:
    """A sitter's picture as a registration file frames it: (640, 480, 3) uint8.

    ``zoom`` is output pixels for one of the sitter's, ``shift`` moves by output pixels to
    the right and down, ``roll`` turns by degrees clockwise about the point between the
    eyes. 0.65 gives a face of about 224 px whose crown and eyes lie within their windows.
    """
    import cv2

    eyes = (480.0, 394.0)  # where `sitter` draws them

    def frame(pixels, *, zoom=0.65, shift=(0, 0), roll=0.0) -> np.ndarray:
        move = cv2.getRotationMatrix2D(eyes, -roll, zoom)
        move[:, 2] += np.array([240 + shift[0], 270 + shift[1]]) - np.array(eyes)
        return cv2.warpAffine(pixels, move, (480, 640), borderMode=cv2.BORDER_REPLICATE)

    return frame


@pytest.fixture(scope="session")
def facts_of(spec) -> Callable:
    """Facts of pixels or of bytes."""
    from pipeline.core.rules import Mode
    from pipeline.examine.measure import facts_of
    from pipeline.face.models import load_models

    def make(picture, mode=Mode.SOURCE, spec=spec):
        data = picture if isinstance(picture, bytes) else jpeg_of(picture)
        return facts_of(data, mode, spec, load_models())

    return make


@pytest.fixture(scope="session")
def final_facts(facts_of, framed, sitter) -> Callable:
    """Facts of a sitter's registration file, measured once."""
    from pipeline.core.rules import Mode

    done: dict[tuple, object] = {}

    def make(seed=3, **how):
        key = (seed, *sorted(how.items()))
        if key not in done:
            done[key] = facts_of(framed(sitter(seed, **how)), Mode.FINAL)
        return done[key]

    return make


@pytest.fixture(scope="session")
def jpeg() -> Callable[..., bytes]:
    """Bytes of a JPEG of pixels."""
    return jpeg_of


def jpeg_of(pixels, **how) -> bytes:
    stream = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(stream, "JPEG", **{"quality": 95, "dpi": (300, 300), **how})
    return stream.getvalue()


@pytest.fixture(scope="session")
def findings(facts_of, spec) -> Callable:
    """Every finding on a photo, by code."""
    from checks import CHECKS
    from pipeline.examine.check import run_checks

    def run(picture, *args) -> dict:
        found = run_checks(CHECKS, facts_of(picture, *args), spec.limits)
        return {f.code: f for f in found}

    return run


@pytest.fixture(scope="session")
def broken(findings) -> Callable:
    """The codes that are broken on a photo."""
    from pipeline.core.rules import Outcome

    def run(picture, *args) -> set[str]:
        return {c for c, f in findings(picture, *args).items() if f.outcome is Outcome.BROKEN}

    return run


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory):
    """A PostgreSQL server of our own on a socket in a temporary folder: gives fresh addresses.

    An address is that of a schema, which costs less to make and to drop than a database.

    It will not run as root: then it runs as the user that Debian's package made for it.
    """
    import itertools
    import pwd
    import shutil
    import subprocess
    import tempfile

    pytest.importorskip("psycopg", reason="psycopg is not installed")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    programs = found[-1].parent if found else Path(shutil.which("initdb") or "").parent
    if not (programs / "initdb").is_file():
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    if os.geteuid() == 0:
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        how |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # A socket's path has at most 107 characters, and pytest's folders are root's own.
    folder = Path(tempfile.mkdtemp(prefix="gradphoto-pg-"))
    if os.geteuid() == 0:
        os.chown(folder, how["user"], how["group"])
    data, numbers = folder / "data", itertools.count()
    options = f"-k {folder} -c listen_addresses= -c fsync=off"

    def run(program, *args):
        done = subprocess.run([programs / program, *args], **how, cwd="/", check=False)
        assert done.returncode == 0, done.stdout

    run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    run("pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    # Ends the server when this process ends, however it does: its end of the pipe closes then.
    stop = f'read line; "{programs}/pg_ctl" -D "{data}" -m immediate -w stop; rm -rf "{folder}"'
    end = subprocess.Popen(["sh", "-c", stop], **how, stdin=subprocess.PIPE, cwd="/")
    try:

        def fresh() -> str:
            name = f"season_{next(numbers)}"
            run("psql", "-h", folder, "-U", "postgres", "-c", f"CREATE SCHEMA {name}")
            return f"postgresql://postgres@/postgres?host={folder}&options=-csearch_path%3D{name}"

        fresh.data = data
        yield fresh
    finally:
        end.communicate("stop\n")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request) -> str | None:
    """Where a season's ledger lies: in its folder, or in a database of its own."""
    if request.param == "sqlite":
        return None
    return request.getfixturevalue("postgresql")()


class SmallSeason:
    """A season of four students with its inbox; models are stood in for, all else is real."""

    start = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
    header = "学号,考生号,姓名\n"

    def __init__(self, folder: Path, ledger: str | None, **how) -> None:
        from flows.season.steps import init

        folder.mkdir(exist_ok=True)
        rows = "".join(f"{self.key(n)},K{n},姓名{n}\n" for n in range(1, 5))
        roster = folder / "roster.csv"
        roster.write_text(self.header + rows, encoding="utf-8-sig")
        self.folder, self.inbox, self.ledger = folder / "season", folder / "inbox", ledger
        self.inbox.mkdir()
        init(self.folder, roster, "chsi_graduate", ledger=ledger, now=self.start, **how)

    @staticmethod
    def key(number: int) -> str:
        return f"2023990{number:06}"

    def put(self, name: str, data: bytes) -> None:
        """Lay a file into the inbox, of a time that follows from its bytes."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, ns=(1, int.from_bytes(hashlib.sha256(data).digest()[:6])))

    def round(self, now=start + timedelta(days=1), **how):
        from fixtures.stub_examiner import stub_pool
        from flows.season.steps import ingest

        return ingest(self.folder, self.inbox, ledger=self.ledger, pool=stub_pool, now=now, **how)

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "reports" / name).open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))

    def verdicts(self) -> dict[str, str]:
        """By the last digit of the student's number."""
        return {row["student_id"][-1]: row["verdict"] for row in self.rows("students.csv")}

    def history(self, number: int):
        from flows.season.views import history

        return history(self.folder, self.key(number), ledger=self.ledger)


@pytest.fixture
def season(tmp_path, ledger) -> SmallSeason:
    return SmallSeason(tmp_path, ledger)


@pytest.fixture(scope="session")
def new_season() -> type[SmallSeason]:
    """For a season begun in another way, or a second one."""
    return SmallSeason

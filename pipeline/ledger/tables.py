"""The tables of the ledger, as SQLAlchemy knows them.

``migrations/`` brings a database to this; a test holds the two against each other. Times
are UTC; where none is given by hand, the caller's clock gives them. One database holds one
season. What a person must be able to ask for in SQL is a column, what only the program
reads (findings, a fingerprint) is kept packed.
"""

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table, UniqueConstraint

from pipeline.batch.reviews import DecisionKind
from pipeline.core.roles import AskedBy, Role
from pipeline.core.rules import Mode, Outcome, Verdict
from pipeline.ledger.column_types import (
    BigInteger,
    Boolean,
    Date,
    Integer,
    Json,
    LargeBinary,
    OneOf,
    String,
    Text,
    Utc,
)

# Constraints get names, so that a later migration can speak of them on both databases.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# For a statement with many rows: they come a few at a time, also from PostgreSQL.
STREAM = {"yield_per": 200}

HASH = String(64)  # SHA-256 in hexadecimal

specs = Table(
    "specs",
    metadata,
    Column("sha256", HASH, primary_key=True),
    Column("id", String, nullable=False),
    Column("document", Json(dict), nullable=False),  # merged, as written
)

season = Table(
    "season",
    metadata,
    Column("id", Integer, primary_key=True),  # 1
    Column("created_at", Utc, nullable=False),
    Column("spec_sha256", HASH, ForeignKey(specs.c.sha256), nullable=False),
    Column("roster_sha256", HASH, nullable=False),  # the file may lie in an inbox
    Column("purged_at", Utc),
    # Of the key under which templates of faces are kept; null where they are kept nowhere.
    Column("key_file", String),
    Column("key_check", HASH),
    Column("counts", Json(dict)),  # what a purge leaves
    Column("carry", Json(list)),  # heads of the roster's columns that are taken over
    Column("school", Json(dict)),  # as its file has it, see `pipeline.spec.school`
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("kind", String, primary_key=True),  # last, make_up
    Column("day", Date, nullable=False),  # the day itself is in time, in Asia/Shanghai
)

students = Table(
    "students",
    metadata,
    Column("key", String, primary_key=True),
    Column("place", Integer, nullable=False),  # in the roster, from 0
    Column("present", Boolean, nullable=False),  # False: the latest roster has no such record
    Column("row", Integer, nullable=False),
    Column("student_no", String, nullable=False),
    Column("exam_no", String, nullable=False),
    Column("id_no", String, nullable=False),
    Column("capture_code", String, nullable=False),
    Column("name", String, nullable=False),
    Column("college", String, nullable=False),
    Column("major", String, nullable=False),
    Column("class_name", String, nullable=False),
    Column("file", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("carried", Json(list)),  # columns of the roster for lists that people act on
    # What the last round came to; null before the first.
    Column("verdict", OneOf(Verdict)),
    Column("submission_id", Integer),  # the submission that speaks for the student
    Column("upload_sha256", HASH),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),  # ingest (a round), rejudge, review, roster
    Column("mode", OneOf(Mode)),  # of a round: source, final
    Column("opened_at", Utc, nullable=False),
    Column("closed_at", Utc),  # null: under way, or killed; the next run goes on with it
    Column("spec_sha256", HASH, ForeignKey(specs.c.sha256), nullable=False),
    Column("droppings", Integer, nullable=False),
    Column("counts", Json(dict)),  # students by verdict at its end
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey(runs.c.id), nullable=False),
    Column("photo", String, nullable=False),  # path in the inbox
    Column("sha256", HASH, nullable=False),  # empty: it could not be read
    Column("bytes", BigInteger, nullable=False),
    Column("changed_ns", String, nullable=False),  # of the file in the inbox, with its size
    Column("unreadable", Json(list)),  # why, in Chinese and English
    Column("named", String),  # the number that a manifest gave for it
    Column("student_key", String),
    Column("arrived_at", Utc, nullable=False),
    UniqueConstraint("photo", "sha256"),
    Index(None, "student_key"),
    Index(None, "run_id"),
    Index(None, "sha256"),
)

instruments = Table(
    "instruments",
    metadata,
    Column("sha256", HASH, primary_key=True),
    Column(
        "tools", Json(dict), nullable=False
    ),  # SHA-256 of the models by name, codes of the rules
)

examinations = Table(
    "examinations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", HASH, nullable=False),  # of the photo
    Column("mode", OneOf(Mode), nullable=False),
    Column("spec_sha256", HASH, ForeignKey(specs.c.sha256), nullable=False),
    Column("instruments_sha256", HASH, ForeignKey(instruments.c.sha256), nullable=False),
    Column("program", String, nullable=False),  # its version
    Column("libraries", String, nullable=False),  # names with versions
    Column("rejudged_from", Integer),  # the examination whose facts these findings are of
    Column("findings", LargeBinary, nullable=False),
    Column("width_px", Integer),
    Column("height_px", Integer),
    Column("more", Json(dict), nullable=False),  # fields of `Examination` without a column here
    Column("fingerprint", LargeBinary),
    Column("thumbnail", LargeBinary),
    Column("upload_sha256", HASH),
    Column("upload_bytes", Integer),
    Column("upload_quality", Integer),
    UniqueConstraint("sha256", "mode", "spec_sha256", "instruments_sha256"),
)

templates = Table(
    "templates",
    metadata,
    Column("sha256", HASH, primary_key=True),  # of the photo
    Column("described_by", HASH, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # encrypted, see `pipeline.ledger.templates`
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", Integer, ForeignKey(submissions.c.id), nullable=False),
    Column("run_id", Integer, ForeignKey(runs.c.id), nullable=False),
    Column("verdict", OneOf(Verdict), nullable=False),
    Column("codes", String, nullable=False),  # joined by ;
    Column("student_key", String),  # whose it was then; null: nobody's, or an older ledger
    Index(None, "submission_id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", Integer, ForeignKey(submissions.c.id), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("codes", String, nullable=False),  # accepted: these count no more
    Column("why", Text, nullable=False),
    Column("who", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("kind", OneOf(DecisionKind)),  # null: of a ledger that knew accepted or not alone
    Column("verdict_id", Integer),  # what the person saw; null as above
    Column("student_key", String),  # whose it is from now on, or was proposed to be
    Column("deed", Integer),  # id of the first of several that were written in one deed
    Index(None, "submission_id"),
)

# Who is in a photo, as the last run that judged all of them told; of photos in doubt alone.
sightings = Table(
    "sightings",
    metadata,
    Column("id", Integer, primary_key=True),  # another one whenever anything of it is another
    Column("submission_id", Integer, ForeignKey(submissions.c.id), nullable=False),
    Column("place", Integer, nullable=False),  # the surest first
    Column("cause", String, nullable=False),  # swap-1, shift-2, stranger; empty: none of these
    Column("student_key", String, nullable=False),  # under whom it stood then
    Column("shows", String, nullable=False),  # whom it seems to show; empty: nobody else
    Column("own", OneOf(Outcome), nullable=False),  # beside the student's own photo on record
    Column("because", Json(list), nullable=False),  # in Chinese and English
    Index(None, "submission_id"),
)

handovers = Table(
    "handovers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student_key", String, nullable=False),
    Column("upload_sha256", HASH, nullable=False),
    Column("at", Utc, nullable=False),
    UniqueConstraint("student_key", "upload_sha256"),
)

proofs = Table(
    "proofs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student_key", String, nullable=False),
    Column("right", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("taken", Boolean, nullable=False),  # False: it came when the first was final
    Column("asked_by", OneOf(AskedBy)),  # null: the national platform
    Index(None, "student_key"),
)

# Of the desk: who may sign in, and what was looked at.
accounts = Table(
    "accounts",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", OneOf(Role), nullable=False),
    Column("college", String, nullable=False),  # empty: all
    Column("password", String, nullable=False),  # its hash
    Column("one_time", Boolean, nullable=False),  # another must be chosen first
    Column("stamp", Integer, nullable=False),  # a session of another stamp is over
    Column("closed_at", Utc),
    Column("made_at", Utc, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),  # signed in, a full number looked at, an account made
    Column("of_whom", String, nullable=False),  # a student's key, an account; empty: nobody's
)

# One-time links of students: who has one sees that student's own photo.
links = Table(
    "links",
    metadata,
    Column("id", String, primary_key=True),  # random; the address holds it signed
    Column("student_key", String, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("revoked_at", Utc),
    Index(None, "student_key"),
)

# What names or shows a person, in the order in which it can be emptied.
PERSONAL = (
    links, audit, accounts, proofs, handovers, sightings, reviews, verdicts, templates,
    examinations, submissions, students,
)  # fmt: skip

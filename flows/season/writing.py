"""The lists of a season, written under its folder."""

from functools import partial

from flows.season.judging import Judged
from flows.season.photos import season_pictures
from flows.shoot.output import check_out, write_out
from flows.shoot.record import run_record
from pipeline.core.one_run import alone_in
from pipeline.core.private_files import writing_to
from pipeline.ledger.season import Season
from pipeline.ledger.store import PHOTOS, REPORTS, registration_path
from reports.beside import Beside, SeasonView
from reports.masking import Presentation
from reports.season_lists import write_season_lists


def write_season(season: Season, judged: Judged, presentation: Presentation) -> None:
    """Write every list of the season under its folder.

    Raises
    ------
    UsageError
        When the folder cannot be written.
    """
    out = season.folder / REPORTS
    check_out(out, season.folder / PHOTOS)
    where = partial(registration_path, season.folder)
    with alone_in(out), writing_to(out):  # whoever packs from there waits
        view = SeasonView(judged.attempts, judged.states, season.last)
        record = run_record(season.document, judged.result, season.spec.off, judged.reviews)
        code = "" if season.school is None else season.school.code
        beside = Beside(season_pictures(season), view, code, record)
        write_out(judged.result, out, where, presentation, beside)
        write_season_lists(
            judged.result,
            judged.attempts,
            judged.states,
            judged.proofs,
            out,
            presentation,
        )

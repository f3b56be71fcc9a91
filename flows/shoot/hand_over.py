"""Packages of registration files: packed from a run, and verified whoever made them."""

from pathlib import Path

from checks import CHECKS
from flows.shoot.progress import CHECKING, LOADING, PACKING, Tell, counted, silent
from flows.shoot.worker import default_workers, worker_pool
from pipeline.core.errors import UsageError
from pipeline.core.one_run import alone_in
from pipeline.core.places import lies_in
from pipeline.core.rules import Mode, Split, Text
from pipeline.examine.setting import Setting
from pipeline.handover.incoming import Package
from pipeline.handover.package import (
    UPLOAD,
    Bundle,
    Packed,
    read_upload,
    split,
    write_bundle,
    write_bundles,
)
from pipeline.handover.verify import Verification, verify
from pipeline.intake.roster import Roster
from pipeline.rules import run_rules
from pipeline.spec.spec import Spec


def pack_run(
    out: Path,
    to: Path | None,
    split_by: Split | None,
    roster: Roster | None,
    tell: Tell = silent,
) -> tuple[Packed, ...]:
    """Pack the upload folder of a finished run: into one zip, or one for each college or major.

    Raises
    ------
    UsageError
        There is nothing to pack, or the zips cannot be written where they are asked for.
    """
    target = to or out / (f"{UPLOAD}-by-{split_by}" if split_by else f"{UPLOAD}.zip")
    if (split_by is None) != (roster is None):
        raise UsageError(
            Text(
                "--split 须给出本次检查用的 --roster；其他情况不用",
                "--split needs the --roster of the run, and nothing else does",
            )
        )
    if split_by is None and target.suffix.lower() != ".zip":
        raise UsageError(
            Text(
                f"--to {target.name}：zip 文件名要以 .zip 结尾",
                f"--to {target.name}: the name of a zip ends in .zip",
            )
        )
    if lies_in(target, out / UPLOAD):
        raise UsageError(
            Text(
                f"--to {target.name}：在要打包的文件夹里面",
                f"--to {target.name}: lies in the folder that is packed",
            )
        )
    tell(PACKING)
    listing, packed = read_upload(out), counted(tell, PACKING)
    if split_by is not None and roster is not None:
        bundles = split(listing, roster.students, split_by)
        with alone_in(target):
            return tuple(write_bundles(bundles, listing, out / UPLOAD, target, packed))
    whole = Bundle(target.stem, listing.rows)
    with alone_in(target.parent):
        return (write_bundle(whole, listing, out / UPLOAD, target, packed),)


def verify_package(package: Package, spec: Spec, workers: int, tell: Tell) -> Verification:
    """Examine every file of a package, and lay it beside its list and the roster.

    ``workers`` 0: one a core. ``tell`` is told how far it is.
    """
    examined = []
    tell(LOADING)
    with worker_pool(Setting(spec, Mode.FINAL), workers or default_workers()) as pool:
        for done, examination in enumerate(pool.run(package.submissions), start=1):
            examined.append(examination)
            tell(CHECKING, done, len(package.submissions))
    return verify(
        examined,
        package.listed,
        package.students,
        spec=spec,
        rules=run_rules(CHECKS),
        unsafe=package.unsafe,
    )

"""The command line. Exit 0: the run completed; 2: the call cannot be carried out."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from flows.flow_commands import flow_app
from flows.season_commands import season_app
from pipeline.errors import UsageError
from pipeline.words import Judge, Lang

app = typer.Typer(
    name="gradphoto",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Checks graduation photographs: pass 合格, retake 需补拍, fail 异常.",
)
spec_app = typer.Typer(no_args_is_help=True, help="Specifications: the standard as data.")
app.add_typer(spec_app, name="spec")
app.add_typer(flow_app, name="flow")
app.add_typer(season_app, name="season")

SpecOption = Annotated[str, typer.Option("--spec", help="a shipped spec by name, or a .toml file")]
AsOption = Annotated[
    str, typer.Option("--as", help="source 原片, final 成品, or auto: decided for the whole inbox")
]
LangOption = Annotated[str, typer.Option("--lang", help="zh or en")]
InboxArgument = Annotated[Path, typer.Argument(help="folder or zip of photos")]
RosterOption = Annotated[Path, typer.Option("--roster", help="名单: XLSX, CSV or DBF")]
OutOption = Annotated[Path, typer.Option("--out", help="where the lists go")]
ManifestOption = Annotated[
    Path | None, typer.Option("--manifest", help="CSV with columns photo, student_id")
]
WorkersOption = Annotated[int, typer.Option("--workers", min=0, help="0: one a core")]
NamesOption = Annotated[bool, typer.Option("--full-names", help="names in full, not 张**")]


@app.command()
def check(
    inbox: InboxArgument,
    roster: RosterOption,
    spec: SpecOption = "chsi_graduate",
    judge_as: AsOption = "auto",
    out: OutOption = Path("gradphoto-out"),
    manifest: ManifestOption = None,
    workers: WorkersOption = 0,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Check one shoot against its roster and write every list. Needs no server."""
    from flows.shoot import check_out, finish, prepare, setting_of, staging_in
    from flows.terminal import print_summary
    from flows.worker import default_workers, worker_pool

    language, console = _language(lang), Console(stderr=True)
    check_out(out, inbox, roster, *filter(None, [manifest]))
    shoot = prepare(inbox, roster, spec, _judge(judge_as), manifest)
    console.print(
        f"{len(shoot.submissions)} files, {len(shoot.students)} students, "
        f"spec {shoot.spec.id}, judged as {shoot.mode}",
        highlight=False,
    )
    with staging_in(out) as staging:
        pool = worker_pool(setting_of(shoot, staging), workers or default_workers())
        with pool, _progress(console) as progress:
            task = progress.add_task(
                "检查" if language == "zh" else "checking", total=len(shoot.submissions)
            )
            examined = []
            for examination in pool.run(shoot.submissions):
                examined.append(examination)
                progress.advance(task)
        result = finish(shoot, examined, out, lang=language, full_names=full_names)
    print_summary(result, out, language)


@app.command()
def inspect(
    files: Annotated[list[Path], typer.Argument(help="photos", metavar="FILE…", exists=True)],
    spec: SpecOption = "chsi_graduate",
    judge_as: AsOption = "auto",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="one JSON object a file")] = False,
    overlay: Annotated[
        Path | None,
        typer.Option("--overlay", help="draw why: a .png or .jpg, or a folder for several photos"),
    ] = None,
    lang: LangOption = "zh",
) -> None:
    """Check photos without a roster and show what was found."""
    from checks import CHECKS
    from flows.overlays import overlay_files
    from flows.shoot import find_mode
    from flows.terminal import examination_as_json, print_examination
    from pipeline.examine import examine_with_facts, photo_rules
    from pipeline.models import load_models
    from pipeline.records import Submission
    from pipeline.spec import load_spec
    from pipeline.words import Mode
    from reports.overlay import write_overlay

    language = _language(lang)
    judge = _judge(judge_as)
    loaded = load_spec(spec, CHECKS)
    submissions = [Submission(str(path), path) for path in _expand(files)]
    if not submissions:
        raise UsageError("there are no files in what was named")
    drawn = overlay_files(submissions, overlay) if overlay else [None] * len(submissions)
    mode = find_mode(submissions, loaded) if judge == "auto" else Mode(judge)
    models = load_models()
    for submission, file in zip(submissions, drawn, strict=True):
        examination, facts = examine_with_facts(
            submission, spec=loaded, mode=mode, checks=CHECKS, models=models, staging=None
        )
        rules = photo_rules(CHECKS)
        if file is not None and facts is not None:
            write_overlay(file, facts, examination.findings, rules, loaded, language)
        if jsonl:
            row = examination_as_json(examination, rules, loaded, language)
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            print_examination(examination, rules, loaded, language)


@app.command()
def rules(
    spec: SpecOption = "chsi_graduate",
    markdown: Annotated[bool, typer.Option("--markdown", help="as in the README")] = False,
    lang: LangOption = "zh",
) -> None:
    """List every rule: code, fault, what is measured, remedy."""
    from checks import CHECKS
    from flows.terminal import print_rules
    from pipeline.spec import load_spec

    print_rules(load_spec(spec, CHECKS), _language(lang), markdown=markdown)


@app.command()
def evaluate(
    labels: Annotated[Path, typer.Argument(help="CSV with columns path, labels; and component")],
    spec: SpecOption = "chsi_graduate",
    folds: Annotated[
        int | None, typer.Option("--folds", help="fit limits and weights on the other folds")
    ] = None,
    more: Annotated[
        Path | None, typer.Option("--more", help="further labels: CSV with sha256, labels")
    ] = None,
    workers: WorkersOption = 0,
) -> None:
    """Count faults caught and false alarms of every rule on labelled photos."""
    from flows.evaluation import evaluate as run

    run(labels, spec, folds, more, workers)


@app.command()
def calibrate(
    source: Annotated[Path, typer.Argument(help="folder or zip of photos, or a findings.csv")],
    spec: SpecOption = "chsi_graduate",
    judge_as: AsOption = "auto",
    csv_file: Annotated[Path | None, typer.Option("--csv", help="write the numbers too")] = None,
    workers: WorkersOption = 0,
    lang: LangOption = "zh",
) -> None:
    """Show for every rule how its measure lies, and what share would break at other limits."""
    from checks import CHECKS
    from flows.calibrate import of_examinations, of_findings_csv, print_calibration, write_csv
    from pipeline.examine import photo_rules

    language, judge = _language(lang), _judge(judge_as)
    if csv_file is not None and csv_file.resolve() == source.resolve():
        raise UsageError(f"--csv {csv_file.name}: would replace what is read")
    if source.suffix.lower() == ".csv":
        measures = of_findings_csv(source)
    else:
        from flows.examine_all import examine_all

        progress = _progress(Console(stderr=True))
        measures = of_examinations(examine_all(source, spec, judge, workers, progress))
    known = {rule.code: rule for rule in photo_rules(CHECKS)}
    if csv_file is not None:
        write_csv(measures, known, csv_file)
    print_calibration(measures, known, language)


@spec_app.command("list")
def spec_list() -> None:
    """List the specifications that are shipped."""
    from checks import CHECKS
    from pipeline.spec import load_spec
    from pipeline.spec_file import spec_names

    for name in spec_names():
        sys.stdout.write(f"{name}\t{load_spec(name, CHECKS).title.zh}\n")


@spec_app.command("show")
def spec_show(name: Annotated[str, typer.Argument(help="a spec by name or .toml file")]) -> None:
    """Print a whole specification: every value, where it is from, and how sure that is."""
    from checks import CHECKS
    from flows.terminal import print_spec
    from pipeline.spec import load_spec
    from pipeline.spec_file import flatten, merge, read_files

    load_spec(name, CHECKS)
    print_spec(flatten(merge(read_files(name))))


@spec_app.command("check")
def spec_check(file: Annotated[str, typer.Argument(help="a spec by name or .toml file")]) -> None:
    """Check that a specification is complete and names only what there is."""
    from checks import CHECKS
    from pipeline.spec import load_spec

    sys.stdout.write(f"{load_spec(file, CHECKS).id}: ok\n")


# An unknown option, a missing one, a value of the wrong kind. Typer exports this one of its
# errors only; what they have in common lies in Click or in Typer's copy of it.
_BadCall = cast("type[typer.BadParameter]", typer.BadParameter.__base__)


@flow_app.command("run")
def flow_run(
    inbox: InboxArgument,
    roster: RosterOption,
    spec: SpecOption = "chsi_graduate",
    judge_as: AsOption = "auto",
    out: OutOption = Path("gradphoto-out"),
    manifest: ManifestOption = None,
    workers: WorkersOption = 0,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Check one shoot as a Prefect flow run; starts a server of its own where none is set."""
    from flows.shoot import check_out, prepare, staging_in

    language, judge = _language(lang), _judge(judge_as)
    # A mistake in the call is said here, in one line: inside a flow run it is a traceback.
    check_out(out, inbox, roster, *filter(None, [manifest]))
    prepare(inbox, roster, spec, judge, manifest)
    with staging_in(out):
        pass
    from flows.shoot_flow import shoot_flow

    counts = shoot_flow(
        str(inbox),
        str(roster),
        str(out),
        spec,
        judge,
        manifest=None if manifest is None else str(manifest),
        workers=workers,
        lang=language,
        full_names=full_names,
    )
    sys.stdout.write("  ".join(f"{verdict} {count}" for verdict, count in counts.items()) + "\n")
    sys.stdout.write(f"{out / 'report.html'}\n")


def main() -> None:
    """Run the command line; an unusable call is one line and exit 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may not speak UTF-8
    try:
        sys.exit(app(standalone_mode=False))  # None, or the code of --help and Ctrl-C
    except UsageError as error:
        sys.stderr.write(f"gradphoto: {error}\n")
        sys.exit(2)
    except _BadCall as error:
        if message := error.format_message():  # empty where the help was shown instead
            sys.stderr.write(f"gradphoto: {message}\n")
        sys.exit(2)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _language(lang: str) -> Lang:
    if lang not in {"zh", "en"}:
        raise UsageError(f"--lang {lang}: zh or en")
    return "zh" if lang == "zh" else "en"


def _judge(judge_as: str) -> Judge:
    if judge_as not in get_args(Judge):
        raise UsageError(f"--as {judge_as}: source, final or auto")
    return cast("Judge", judge_as)


def _expand(files: list[Path]) -> Iterator[Path]:
    """Folders stand for the files in them."""
    for path in files:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file())
        else:
            yield path


if __name__ == "__main__":
    main()

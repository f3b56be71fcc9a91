"""The command line. Exit 0: the run completed; 2: the call cannot be carried out."""

import io
import os
import sys
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console

from flows.commands import package as package_commands
from flows.commands.flow import flow_app
from flows.commands.models import models_app
from flows.commands.options import (
    AsOption,
    EarlierOption,
    IdentityOption,
    InboxArgument,
    LangOption,
    ManifestOption,
    NamesOption,
    OutOption,
    ReferencesOption,
    RepairOption,
    RosterOption,
    SpecOption,
    WorkersOption,
    as_judge,
    as_language,
)
from flows.commands.season import season_app
from flows.shoot.progress import progress_bar
from pipeline.core.errors import UsageError

app = typer.Typer(
    name="gradphoto",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
spec_app = typer.Typer(no_args_is_help=True, help="Specifications: the standard as data.")
app.add_typer(spec_app, name="spec")
app.add_typer(flow_app, name="flow")
app.command()(package_commands.pack)
app.command()(package_commands.verify)
app.add_typer(season_app, name="season")
app.add_typer(models_app, name="models")


def _print_version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"gradphoto {version('gradphoto')}\n")
        raise typer.Exit


@app.callback()
def gradphoto(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="say which it is"),
    ] = False,
) -> None:
    """Checks graduation photographs: pass 合格, retake 需补拍, fail 异常."""


@app.command()
def check(
    inbox: InboxArgument,
    roster: RosterOption,
    spec: SpecOption = "chsi_graduate",
    judge_as: AsOption = "auto",
    out: OutOption = Path("gradphoto-out"),
    manifest: ManifestOption = None,
    references: ReferencesOption = None,
    earlier: EarlierOption = None,
    identity: IdentityOption = False,
    repair: RepairOption = False,
    workers: WorkersOption = 0,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Check one shoot against its roster and write every list. Needs no server."""
    from flows.shoot.output import check_out
    from flows.shoot.steps import check_shoot, prepare
    from reports.terminal.run import print_given, print_summary

    language, console = as_language(lang), Console(stderr=True)
    check_out(out, inbox, roster, *filter(None, [manifest, references]), *(earlier or ()))
    shoot = prepare(
        inbox,
        roster,
        spec,
        as_judge(judge_as),
        manifest,
        references=references,
        earlier=earlier or (),
        identity=identity,
        repair=repair,
    )
    print_given(
        len(shoot.submissions),
        len(shoot.students),
        shoot.spec,
        shoot.mode,
        shoot.references,
        console,
        unused=references is not None,
    )
    with progress_bar(console) as progress:
        task = progress.add_task("检查" if language == "zh" else "checking", total=None)
        result = check_shoot(
            shoot,
            out,
            workers=workers,
            lang=language,
            full_names=full_names,
            progress=lambda done, of: progress.update(task, completed=done, total=of),
        )
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
    from flows.commands.inspection import inspect_files

    inspect_files(files, spec, as_judge(judge_as), overlay, as_language(lang), as_json=jsonl)


@app.command()
def rules(
    spec: SpecOption = "chsi_graduate",
    markdown: Annotated[bool, typer.Option("--markdown", help="write docs/rules.md")] = False,
    lang: LangOption = "zh",
) -> None:
    """List every rule: code, remedy, fault, what is measured, and where it is from."""
    from checks import CHECKS
    from pipeline.rules import all_rules
    from pipeline.spec.spec import load_spec
    from reports.rules_page import rules_page
    from reports.terminal.standard import print_rules

    loaded, language = load_spec(spec, CHECKS), as_language(lang)
    if markdown:
        sys.stdout.write(rules_page(CHECKS, loaded))
    else:
        print_rules(all_rules(CHECKS), loaded, language)


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
    identity: Annotated[
        bool, typer.Option("--identity", help="people and pictures instead of rules")
    ] = False,
    altered: Annotated[
        int, typer.Option("--altered", min=0, help="with --identity: photos to alter; 0: all")
    ] = 100,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="with --identity: planted shoots of a kind")
    ] = 20,
    workers: WorkersOption = 0,
) -> None:
    """Count faults caught and false alarms of every rule on labelled photos."""
    if identity:
        from flows.measuring.evaluate_identity import identity_tables

        for table in identity_tables(labels, spec, altered, seeds):
            Console(width=150).print(table)
        return
    from flows.measuring.evaluation import evaluate as run

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
    from flows.measuring.calibrate import (
        of_examinations,
        of_findings_csv,
        print_calibration,
        write_csv,
    )
    from pipeline.rules import photo_rules

    language, judge = as_language(lang), as_judge(judge_as)
    if csv_file is not None and csv_file.resolve() == source.resolve():
        raise UsageError(f"--csv {csv_file.name}: would replace what is read")
    if source.suffix.lower() == ".csv":
        measures = of_findings_csv(source)
    else:
        from flows.shoot.examine_all import examine_all

        progress = progress_bar(Console(stderr=True))
        measures = of_examinations(examine_all(source, spec, judge, workers, progress))
    known = {rule.code: rule for rule in photo_rules(CHECKS)}
    if csv_file is not None:
        write_csv(measures, known, csv_file)
    print_calibration(measures, known, language)


@spec_app.command("list")
def spec_list() -> None:
    """List the specifications that are shipped."""
    from checks import CHECKS
    from pipeline.spec.files import spec_names
    from pipeline.spec.spec import load_spec

    for name in spec_names():
        sys.stdout.write(f"{name}\t{load_spec(name, CHECKS).title.zh}\n")


@spec_app.command("show")
def spec_show(name: Annotated[str, typer.Argument(help="a spec by name or .toml file")]) -> None:
    """Print a whole specification: every value, where it is from, and how sure that is."""
    from checks import CHECKS
    from pipeline.spec.files import flatten, merge, read_files
    from pipeline.spec.spec import load_spec
    from reports.terminal.standard import print_spec

    load_spec(name, CHECKS)
    print_spec(flatten(merge(read_files(name))))


@spec_app.command("check")
def spec_check(file: Annotated[str, typer.Argument(help="a spec by name or .toml file")]) -> None:
    """Check that a specification is complete and names only what there is."""
    from checks import CHECKS
    from pipeline.spec.spec import load_spec

    sys.stdout.write(f"{load_spec(file, CHECKS).id}: ok\n")


# An unknown option, a missing one, a value of the wrong kind. Typer exports this one of its
# errors only; what they have in common lies in Click or in Typer's copy of it.
_BadCall = cast("type[typer.BadParameter]", typer.BadParameter.__base__)


def main() -> None:
    """Run the command line; an unusable call is one line and exit 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may not speak UTF-8
    try:
        code = app(standalone_mode=False)  # None, or that of --help, --strict and Ctrl-C
        sys.stdout.flush()
    except UsageError as error:
        sys.stderr.write(f"gradphoto: {error}\n")
        sys.exit(2)
    except _BadCall as error:
        if message := error.format_message():  # empty where the help was shown instead
            sys.stderr.write(f"gradphoto: {message}\n")
        sys.exit(2)
    except BrokenPipeError:
        _stop_writing()
    except SystemExit as end:
        if end.code != 1:
            raise
        _stop_writing()  # so Typer and Rich end a closed pipe
    else:
        sys.exit(code)


def _stop_writing() -> None:
    """Whoever read stdout has seen enough (``| head -1``): that is no fault, and no more output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # also what Python flushes at its end
    sys.exit(0)


if __name__ == "__main__":
    main()

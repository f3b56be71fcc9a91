"""`gradphoto evaluate` and `gradphoto calibrate`: how good the rules are, what limits cost."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from flows.commands.options import (
    AsOption,
    LangOption,
    SpecOption,
    WorkersOption,
    as_judge,
    as_language,
)
from flows.settings import DEFAULT_SPEC, in_chinese, told
from pipeline.core.errors import UsageError
from pipeline.core.places import real
from pipeline.core.rules import Text


@in_chinese("在有标注的照片上统计每条规则找出多少问题、误报多少。")
def evaluate(
    labels: Annotated[
        Path,
        typer.Argument(
            help=told(
                "CSV，列为 path、labels，可有 component",
                "CSV with columns path, labels; and component",
            )
        ),
    ],
    spec: SpecOption = DEFAULT_SPEC,
    folds: Annotated[
        int | None,
        typer.Option(
            "--folds",
            help=told("限值和权重由其余各折拟合", "fit limits and weights on the other folds"),
        ),
    ] = None,
    more: Annotated[
        Path | None,
        typer.Option(
            "--more",
            help=told(
                "另外的标注：CSV，列为 sha256、labels", "further labels: CSV with sha256, labels"
            ),
        ),
    ] = None,
    identity: Annotated[
        bool,
        typer.Option(
            "--identity",
            help=told("评估人与照片，不评估规则", "people and pictures instead of rules"),
        ),
    ] = False,
    altered: Annotated[
        int,
        typer.Option(
            "--altered",
            min=0,
            help=told(
                "与 --identity 合用：改动多少张；0：全部",
                "with --identity: photos to alter; 0: all",
            ),
        ),
    ] = 100,
    seeds: Annotated[
        int,
        typer.Option(
            "--seeds",
            min=1,
            help=told(
                "与 --identity 合用：每类埋设多少批", "with --identity: planted shoots of a kind"
            ),
        ),
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


@in_chinese("显示每条规则的测量值分布，以及换别的限值会有多少不合格。")
def calibrate(
    source: Annotated[
        Path,
        typer.Argument(
            help=told(
                "照片文件夹或 zip，或 findings.csv", "folder or zip of photos, or a findings.csv"
            )
        ),
    ],
    spec: SpecOption = DEFAULT_SPEC,
    judge_as: AsOption = "auto",
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help=told("同时写出数字", "write the numbers too"))
    ] = None,
    repeatability: Annotated[
        bool,
        typer.Option(
            "--repeatability",
            help=told(
                "在改动过的副本上测量每个值的重复性",
                "how well each value repeats, on altered copies",
            ),
        ),
    ] = False,
    photos: Annotated[
        int,
        typer.Option(
            "--photos",
            min=0,
            help=told(
                "与 --repeatability 同用：用多少张，0 为全部",
                "with --repeatability: how many; 0: all",
            ),
        ),
    ] = 40,
    workers: WorkersOption = 0,
    lang: LangOption = None,
) -> None:
    """Show for every rule how its measure lies, and what share would break at other limits.

    With --repeatability: how far each value moves where nothing changed for an inspector.
    """
    from checks import CHECKS
    from flows.measuring.calibrate import (
        of_examinations,
        of_findings_csv,
        print_calibration,
        write_csv,
    )
    from pipeline.rules import photo_rules

    language, judge = as_language(lang), as_judge(judge_as)
    if csv_file is not None and real(csv_file) == real(source):
        raise UsageError(
            Text(
                f"--csv {csv_file.name}：会覆盖要读取的文件",
                f"--csv {csv_file.name}: would replace what is read",
            )
        )
    known = {rule.code: rule for rule in photo_rules(CHECKS)}
    if repeatability:
        from flows.measuring.repeat_all import repeat_all
        from flows.measuring.spreads import print_spreads, spreads, write_spreads

        found = spreads(repeat_all(source, spec, photos, workers))
        if csv_file is not None:
            write_spreads(found, known, csv_file)
        print_spreads(found, known, language)
        return
    if source.suffix.lower() == ".csv":
        measures = of_findings_csv(source)
    else:
        from flows.shoot.examine_all import examine_all
        from flows.shoot.progress import progress_bar

        progress = progress_bar(Console(stderr=True))
        measures = of_examinations(examine_all(source, spec, judge, workers, progress))
    if csv_file is not None:
        write_csv(measures, known, csv_file)
    print_calibration(measures, known, language)

"""``python -m flows.measuring.fit_weights LABELS.csv``: write ``checks/learned.toml`` anew.

The weights are of a handful of measures and hold nothing of any photo. The same labels
and the same versions of the libraries give the same file.
"""

import argparse
from pathlib import Path

from checks import CHECKS, eyes
from flows.measuring.evaluate import examples
from flows.measuring.evaluation import examine_all
from flows.measuring.fitting import PENALTY, WEIGHTED, fit_weights
from pipeline.examine.logistic import Linear
from pipeline.spec.spec import load_spec

TARGET = Path(eyes.__file__).with_name("learned.toml")
BY_EYE = Path(__file__).with_name("judged_by_eye.csv")


def main() -> None:
    """Fit to all of the labelled photos and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--more", type=Path, default=BY_EYE, help="CSV with sha256, labels")
    parser.add_argument("--workers", type=int, default=0, help="0: one a core")
    options = parser.parse_args()
    seen = examine_all(
        options.labels, load_spec("chsi_graduate", CHECKS), options.more, options.workers
    )
    parts = [
        "# Written by `python -m flows.measuring.fit_weights`; see `pipeline.examine.logistic`.\n"
    ]
    for code in WEIGHTED:
        rows = examples(code, seen)
        faulty = sum(row.fault for row in rows)
        parts.append(as_toml(code, fit_weights(rows), faulty, len(rows) - faulty))
    TARGET.write_text("\n".join(parts), encoding="utf-8")


def as_toml(code: str, weights: Linear, faulty: int, sound: int) -> str:
    """Return one table of the file."""
    lines = [
        f"[{code}]",
        f'source = "{faulty} photos with the fault, {sound} without; penalty {PENALTY}"',
        f"bias = {weights.bias:.4f}",
        "measures = [",
    ]
    columns = (weights.names, weights.centre, weights.spread, weights.weights)
    for name, centre, spread, weight in zip(*columns, strict=True):
        lines.append(
            f'    {{ name = "{name}", centre = {centre:.4f}, spread = {spread:.4f}, '
            f"weight = {weight:.4f} }},"
        )
    return "\n".join([*lines, "]", ""])


if __name__ == "__main__":
    main()

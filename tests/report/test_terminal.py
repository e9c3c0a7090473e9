"""The report in the terminal: it fits, it can be copied from, and odd studies do not break it."""

from __future__ import annotations

import io
import math
import shlex

import pytest
from rich.console import Console

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses, Diagnosis, Turn
from lrsweep.analysis.labels import Label
from lrsweep.report.document import document
from lrsweep.report.study_report import StudyReport, make_report
from lrsweep.report.terminal import print_parts
from lrsweep.trial import Direction, Outcome, StudyRows, TrialRow
from tests.report.builder import bowl, grid_study, mixed_study, row, study


def report(
    rows: StudyRows,
    width: int = 80,
    *,
    top: int = 10,
    sort: str = "best",
    diagnoses: Diagnoses = NO_DIAGNOSES,
) -> str:
    return printed(make_report(rows, top=top, sort=sort, diagnoses=diagnoses), width)


def end(rows: StudyRows, width: int = 80, *, diagnoses: Diagnoses = NO_DIAGNOSES) -> str:
    return printed(make_report(rows, diagnoses=diagnoses, whole=False), width, whole=False)


def printed(report: StudyReport, width: int, *, whole: bool = True) -> str:
    text = io.StringIO()
    console = Console(file=text, width=width, markup=False)
    print_parts(document(report, whole=whole), console)
    return text.getvalue()


LONG = "a very long value " * 8
ODD_STUDIES = {
    "no trial": study([]),
    "running": study([TrialRow(0, None, {"lr": 0.1}, None)]),
    "one trial": study([row(0, 0.1)]),
    "all diverged": grid_study([0.1, 0.2], lambda _: math.inf),
    "all crashed": study(
        [row(0, None, Outcome.CRASHED, reason="exit code 1", folder="runs/00000")]
    ),
    "equal values": grid_study([0.1, 0.2, 0.3], lambda _: 1.0),
    "values of zero": grid_study([0.1, 0.2, 0.3], lambda _: 0.0),
    "maximize": grid_study([0.01, 0.1], lambda lr: 1 - lr, direction=Direction.MAXIMIZE),
    "long values": study([row(i, 0.1 * i, params={"lr": 0.1, "x": f"{LONG}{i}"}) for i in (1, 2)]),
    "no rate": study([row(i, 0.1, params={"w": i}) for i in range(3)], space=("w=0:9",)),
    "no space": study([row(0, 0.1)], space=(), sweep_command=()),
    "many parameters": study(
        [row(i, 0.1, params={f"p{k}": i * k for k in range(40)}) for i in range(3)]
    ),
    "markup": study([row(i, 0.1, params={"x[bold]": f"[red]{i}"}) for i in range(2)], name="[b]"),
    "two rates": study(
        [row(i, 0.1 * i, params={"head_lr": 0.1 * i, "lr": 0.2}) for i in (1, 2)],
        space=("head_lr=0.01:1", "lr=0.01:1"),
    ),
}


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("name", ODD_STUDIES)
def test_odd_studies_are_reported_within_the_width(name: str, width: int) -> None:
    rows = ODD_STUDIES[name]
    for text in (report(rows, width), end(rows, width)):
        commands = ("  python ", "  lrsweep ")
        lines = [line for line in text.splitlines() if not line.startswith(commands)]
        assert max(map(len, lines)) <= width


def test_the_best_command_stands_whole_on_one_line() -> None:
    rows = mixed_study(60)
    assert rows.best is not None
    for text in (report(rows, 80), end(rows, 80)):
        lines = text.splitlines()
        at = lines.index(f"Best command (trial {rows.best.number})")
        assert tuple(shlex.split(lines[at + 1])) == rows.best.command


def test_a_command_that_needs_quotes_is_quoted() -> None:
    rows = study([row(0, 0.1, command=("python", "my script.py", "--name", "it's"))])
    line = next(line for line in report(rows).splitlines() if "my script" in line)
    assert shlex.split(line) == ["python", "my script.py", "--name", "it's"]


def test_the_lines_to_copy_name_study_and_storage() -> None:
    rows = study([row(3, 0.1)], name="my study", storage="sqlite:///other.db")
    line = next(line for line in report(rows).splitlines() if line.startswith("  lrsweep show"))
    expected = "lrsweep show 3 --study 'my study' --storage sqlite:///other.db"
    assert line.strip() == expected


def test_the_summary_counts_trials_by_outcome() -> None:
    assert "60: 34 completed, 17 pruned, 4 diverged, 5 crashed" in report(mixed_study(60))


def test_the_table_shows_the_top_in_the_order_asked_for() -> None:
    text = report(mixed_study(60), top=3, sort="lr:desc")
    heading = text.index("Trials by lr:desc (3 of 60)")
    table = text[heading:].splitlines()[2:5]
    rates = [float(line.split()[3]) for line in table if line.split()[1] == "completed"]
    assert rates == sorted(rates, reverse=True)


def test_columns_that_do_not_fit_are_named() -> None:
    text = report(ODD_STUDIES["many parameters"], 80)
    assert "left out to fit: " in text
    assert "left out to fit" not in report(mixed_study(60), 140)


def test_a_wide_terminal_shows_more_metrics_than_a_narrow_one() -> None:
    assert "train_loss" in report(mixed_study(60), 140).partition("Best trials")[2]
    assert "left out to fit: train_loss" in report(mixed_study(60), 80)


def test_the_command_that_widens_the_space_stands_on_a_line_of_its_own() -> None:
    narrow = grid_study([1e-4, 1e-3, 1e-2], bowl(1.0), space=("lr=1e-4:1e-2",))
    assert "widen it to lr=0.0001:0.1." in flat(report(narrow))
    assert (
        "  lrsweep run -s lr=0.0001:0.1 --sampler random --study digits -n 6"
        in report(narrow).splitlines()
    )


def test_rates_of_one_optimizer_each_are_told_apart() -> None:
    rows = study(
        [
            row(i, bowl(0.1)(lr), params={"optimizer": name, "lr": lr})
            for i, (name, lr) in enumerate([("sgd", 0.01), ("sgd", 0.1), ("adamw", 0.001)])
        ],
        space=("optimizer=sgd,adamw", "lr@sgd=1e-3:1", "lr@adamw=1e-5:1e-2"),
    )
    text = report(rows)
    assert "Best lr by optimizer" in text
    assert "lr@adamw" in text
    assert "1e-05" in text


def test_markup_in_names_is_printed_as_it_is() -> None:
    text = report(ODD_STUDIES["markup"])
    assert "[b]" in text
    assert "x[bold]" in text
    assert "[red]0" in text


def test_what_went_wrong_is_one_line_away() -> None:
    assert "lrsweep logs 0 --stderr --study digits" in report(ODD_STUDIES["all crashed"])


# -- loss curves --------------------------------------------------------------------------------

CURVES = grid_study([0.001, 0.01, 0.1, 0.5], bowl(0.1))
BEST = 2
SLOW, HEALTHY = Diagnosis(Label.TOO_SLOW, "train_loss"), Diagnosis(Label.HEALTHY, "train_loss")
IMPROVING = Diagnosis(Label.STILL_IMPROVING, "train_loss", before=0.52, late=0.44, falls=True)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_table_says_what_each_loss_curve_looks_like_where_it_is_known() -> None:
    text = report(CURVES, diagnoses={0: SLOW, BEST: HEALTHY})
    table = text[text.index("Best trials") :].splitlines()[1:6]
    at = table[0].index("curve")
    assert [line[at:].split("  ")[0].rstrip() for line in table[1:]] == [
        "healthy",
        "",
        "",
        "too slow",
    ]


def test_without_a_label_among_the_listed_trials_there_is_no_column() -> None:
    assert "curve" not in report(CURVES)
    assert "curve" not in report(CURVES, top=1, diagnoses={0: SLOW})


def test_the_curve_gives_way_to_parameters_and_comes_before_other_metrics() -> None:
    rows = mixed_study(60)
    assert rows.best is not None
    diagnoses = {rows.best.number: IMPROVING}
    assert "left out to fit: val_accuracy, train_loss and wall" in report(
        rows, 80, diagnoses=diagnoses
    )
    narrow = report(rows, 60, diagnoses=diagnoses)
    assert flat(narrow).count("left out to fit: val_accuracy, train_loss, curve and wall") == 1
    assert "left out to fit" not in report(rows, 140, diagnoses=diagnoses)


def test_a_best_trial_that_was_still_improving_is_said_to_want_more_training() -> None:
    for said in (
        report(CURVES, diagnoses={BEST: IMPROVING}),
        end(CURVES, diagnoses={BEST: IMPROVING}),
    ):
        assert (
            "The best, trial 2, was still improving: its train_loss fell from 0.52 in the third "
            "quarter to 0.44 in the last. Train longer before you conclude; the best lr may "
            "change with the budget." in flat(said)
        )


def test_more_training_is_not_advised_where_the_validation_loss_fell_no_longer() -> None:
    look = Diagnosis(Label.STILL_IMPROVING, "train_loss", before=0.52, late=0.44, falls=False)
    assert "Train longer" not in flat(report(CURVES, diagnoses={BEST: look}))


def test_a_best_trial_that_overfits_is_told_with_the_gap_and_blames_no_rate() -> None:
    turn = Turn("val_loss", lowest=0.21, step=12, last=0.28, end=40, training=0.03)
    look = Diagnosis(Label.OVERFITTING, "train_loss", turn=turn)
    [line] = [
        t for t in flat(report(CURVES, diagnoses={BEST: look})).split(" Next ") if "overfits" in t
    ]
    assert line.startswith(
        "The best, trial 2, overfits: val_loss was lowest, 0.21, at step 12 of 40 and ended at "
        "0.28, with train_loss at 0.03, a gap of 0.25. Early stopping or regularization may help."
    )
    assert "rate" not in line.partition("may help.")[0]


@pytest.mark.parametrize(
    ("label", "how"), [(Label.OSCILLATING, "swings up and down"), (Label.SPIKING, "jumps up")]
)
def test_a_best_trial_that_is_not_steady_is_told_what_may_be_steadier(
    label: Label, how: str
) -> None:
    text = flat(report(CURVES, diagnoses={BEST: Diagnosis(label, "train_loss")}))
    assert f"In the best, trial 2, train_loss {how}" in text
    assert "a lower lr or a warm-up may be steadier." in text


def test_only_the_best_trial_s_curve_is_spoken_of() -> None:
    diagnoses = {0: IMPROVING, BEST: HEALTHY}
    assert "still improving: its" not in flat(report(CURVES, diagnoses=diagnoses))


def test_the_end_of_a_run_says_how_the_best_curve_looks() -> None:
    text = end(CURVES, diagnoses={BEST: HEALTHY})
    assert "curve   healthy: train_loss fell and is levelling off" in text

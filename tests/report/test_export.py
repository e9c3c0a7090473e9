"""What other programs get: valid JSON, CSV that pandas reads back, Markdown that renders."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import pandas as pd

from lrsweep.analysis.diagnosis import Diagnosis
from lrsweep.analysis.labels import Label
from lrsweep.report import export, markdown
from lrsweep.report.study_report import make_report
from lrsweep.trial import Outcome, StudyRows
from tests.report.builder import mixed_study, row, study

AWKWARD = study(
    [
        row(0, 0.25, params={"lr": 0.1, "text": 'a,"b"\n|c|', "flag": True}),
        row(1, math.inf, params={"lr": 1.0, "text": "é…", "flag": False}),
        row(2, None, Outcome.CRASHED, params={"lr": 0.5}, reason="exit code 1: <oops> *x*"),
    ],
    metrics={0: {"val_accuracy": 0.75}, 1: {"val_accuracy": math.nan}},
)


def to_json(rows: StudyRows, **options: Any) -> str:
    return export.to_json(make_report(rows, **options))


def to_csv(rows: StudyRows, **options: Any) -> str:
    return export.to_csv(make_report(rows, **options))


def to_markdown(rows: StudyRows, **options: Any) -> str:
    return markdown.to_markdown(make_report(rows, **options))


def strict_json(rows: StudyRows, **options: Any) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(to_json(rows, **options), parse_constant=refuse)


def test_json_is_strict_and_writes_null_where_a_number_is_not_finite() -> None:
    document = strict_json(AWKWARD)
    diverged = next(trial for trial in document["rows"] if trial["trial"] == 1)
    assert diverged["outcome"] == "diverged"
    assert diverged["value"] is None
    assert diverged["metrics"] == {"val_accuracy": None}


def test_json_says_what_was_found() -> None:
    document = strict_json(mixed_study(60), top=3)
    assert document["trials"] == {"completed": 34, "pruned": 17, "diverged": 4, "crashed": 5}
    assert document["best"]["trial"] == 19
    assert [trial["trial"] for trial in document["rows"]] == [19, 10, 2]
    assert {finding["kind"] for finding in document["findings"]} >= {"tie", "diverged"}
    assert len(document["groups"]) == 6


def test_json_of_a_study_without_trials() -> None:
    document = strict_json(study([]))
    assert document["best"] is None
    assert document["rows"] == []


LOOKS = {0: Diagnosis(Label.TOO_SLOW, "train_loss")}


def test_json_has_the_curve_of_every_trial_under_a_key_that_is_always_there() -> None:
    document = strict_json(AWKWARD, sort="trial", diagnoses=LOOKS)
    assert [trial["curve"] for trial in document["rows"]] == ["too_slow", None, None]
    assert document["best"]["curve"] == "too_slow"
    assert all(trial["curve"] is None for trial in strict_json(AWKWARD)["rows"])


def test_json_says_what_the_best_curve_asks_for() -> None:
    improving = Diagnosis(Label.STILL_IMPROVING, "train_loss", before=0.5, late=0.25, falls=True)
    findings = strict_json(AWKWARD, diagnoses={0: improving})["findings"]
    [finding] = [f for f in findings if f["kind"] == "still_improving"]
    assert finding["numbers"] == {"best": 0, "before": 0.5, "late": 0.25}


def test_csv_has_a_column_for_the_curve_whether_or_not_it_is_known() -> None:
    for diagnoses, expected in ((LOOKS, "too_slow"), ({}, "")):
        [first, *_] = csv.DictReader(
            io.StringIO(to_csv(AWKWARD, sort="trial", diagnoses=diagnoses))
        )
        assert first["curve"] == expected


def test_markdown_has_the_column_only_where_it_is_known() -> None:
    assert "| too slow |" in to_markdown(AWKWARD, diagnoses=LOOKS)
    assert "curve" not in to_markdown(AWKWARD)


def test_csv_reads_back_as_it_was() -> None:
    frame = pd.read_csv(io.StringIO(to_csv(AWKWARD, sort="trial")))
    assert list(frame["trial"]) == [0, 1, 2]
    assert list(frame["val_loss"][:2]) == [0.25, math.inf]
    assert math.isnan(frame["val_loss"][2])
    assert frame["text"][0] == 'a,"b"\n|c|'
    assert frame["lr"].to_list() == [0.1, 1.0, 0.5]


def test_csv_keeps_every_digit() -> None:
    rows = mixed_study(24)
    read = csv.DictReader(io.StringIO(to_csv(rows, sort="trial")))
    assert [float(line["lr"]) for line in read] == [trial.params["lr"] for trial in rows.trials]


def markdown_table(rows: StudyRows, **options: Any) -> list[str]:
    text = to_markdown(rows, **options)
    return text[text.index("| trial |") :].split("\n\n")[0].split("\n")


def test_markdown_tables_keep_their_shape_whatever_the_values() -> None:
    lines = markdown_table(AWKWARD)
    assert len(lines) == 2 + len(AWKWARD.trials)
    assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1


def test_markdown_has_the_plot_and_the_command_in_fences() -> None:
    text = to_markdown(mixed_study(60), top=5)
    assert text.count("```") >= 12
    assert text.count("```") % 2 == 0
    assert "● adamw" in text
    assert "--lr=0.5552358067100986 --optimizer=sgd --batch_size=64\n```" in text


def test_markdown_takes_nothing_for_markup_that_is_not() -> None:
    assert r"\<oops\> \*x\*" in to_markdown(AWKWARD)


def test_every_format_respects_top_and_sort() -> None:
    rows = mixed_study(24)
    asked: dict[str, Any] = {"sort": "trial:desc", "top": 2}
    assert [trial["trial"] for trial in strict_json(rows, **asked)["rows"]] == [23, 22]
    assert [line.split(",")[0] for line in to_csv(rows, **asked).splitlines()[1:]] == ["23", "22"]
    assert [line.split()[1] for line in markdown_table(rows, **asked)[2:]] == ["23", "22"]

"""Tables: ours, and the columns of Optuna's that are read.

Ours carry no foreign keys into Optuna's, so that deleting a study with Optuna's tools works. What
changes here needs a migration in `lrsweep.store.versions`.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

# One row a change that `lrsweep.store.versions` made to these tables.
migrations = sa.Table(
    "lrsweep_migrations",
    metadata,
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("applied_at", sa.Float(53), nullable=False),
)

# Which study a study is, whatever its name and its database: a UUID, which its folders carry too.
# `made_at` is null where the study is older than its identity, and so are its folders.
identities = sa.Table(
    "lrsweep_studies",
    metadata,
    sa.Column("study_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("identity", sa.String(36), nullable=False, unique=True),
    sa.Column("made_at", sa.Float(53)),
)

# One row a version of a study's plan; the newest stands in the study's attributes too.
plans = sa.Table(
    "lrsweep_plans",
    metadata,
    sa.Column("study_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("recorded_at", sa.Float(53), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
)

# One row an attempt. `value` is null for ±inf (a diverged trial: `outcome` says so). `verdict` says
# as JSON why a rule stopped it, `ran` which code ran on what, `observed` what was seen of its
# training.
attempts = sa.Table(
    "lrsweep_attempts",
    metadata,
    sa.Column("study_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("outcome", sa.String(32)),
    sa.Column("value", sa.Float(53)),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("started_at", sa.Float(53), nullable=False),
    sa.Column("ended_at", sa.Float(53)),
    sa.Column("exit_code", sa.Integer),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("folder", sa.Text, nullable=False),
    sa.Column("slot", sa.String(1024), nullable=False),
    sa.Column("device_kind", sa.String(255), nullable=False),
    sa.Column("verdict", sa.Text),
    sa.Column("ran", sa.Text),
    sa.Column("observed", sa.Text),
)

# Texts that many attempts share, once a content: what a working tree had that its commit had not.
texts = sa.Table(
    "lrsweep_texts",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)

# Every reported number. `place` counts the reports of an attempt in their order of arrival, from 1;
# the numbers of one report share it. The names "examples" and "fraction" carry the budget axis.
# `value` is null for NaN.
points = sa.Table(
    "lrsweep_points",
    metadata,
    sa.Column("study_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("value", sa.Float(53)),
)

# One row each time a sweep ran on a study; `seen_at` moves while it runs. `owner` is the mark that
# its processes carry. Who has no row with `ended_at` null owns the study no longer.
runs = sa.Table(
    "lrsweep_runs",
    metadata,
    sa.Column("study_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("started_at", sa.Float(53), primary_key=True),
    sa.Column("seen_at", sa.Float(53), nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("owner", sa.String(255), nullable=False, default=""),
    sa.Column("ended_at", sa.Float(53)),
)

OWN = (identities, plans, attempts, points, runs)

EXAMPLES = "examples"
FRACTION = "fraction"
PLAN_ATTRIBUTE = "lrsweep:plan"
METRIC_NAMES = "study:metric_names"
# Of a trial that a sweep asked for, and nobody else.
# Of a trial that a rule stopped: which rule, why, and the numbers that it compared.
VERDICT_ATTRIBUTE = "verdict"
ASKED_ATTRIBUTE = "lrsweep:asked"
# Of a trial whose number is all that is left.
REMOVED_ATTRIBUTE = "lrsweep:removed"

# What is read of Optuna's tables. Enum columns come back as the names of their members.
studies = sa.table("studies", sa.column("study_id"), sa.column("study_name"))
directions = sa.table(
    "study_directions", sa.column("study_id"), sa.column("direction"), sa.column("objective")
)
study_attributes = sa.table(
    "study_user_attributes", sa.column("study_id"), sa.column("key"), sa.column("value_json")
)
study_system_attributes = sa.table(
    "study_system_attributes", sa.column("study_id"), sa.column("key"), sa.column("value_json")
)
trials = sa.table(
    "trials",
    sa.column("trial_id"),
    sa.column("study_id"),
    sa.column("number"),
    sa.column("state"),
    sa.column("datetime_start", sa.DateTime),
    sa.column("datetime_complete", sa.DateTime),
)
trial_attributes = sa.table(
    "trial_user_attributes", sa.column("trial_id"), sa.column("key"), sa.column("value_json")
)
trial_params = sa.table(
    "trial_params",
    sa.column("param_id"),
    sa.column("trial_id"),
    sa.column("param_name"),
    sa.column("param_value"),
    sa.column("distribution_json"),
)
trial_values = sa.table(
    "trial_values",
    sa.column("trial_id"),
    sa.column("objective"),
    sa.column("value"),
    sa.column("value_type"),
)
intermediate_values = sa.table(
    "trial_intermediate_values",
    sa.column("trial_id"),
    sa.column("step"),
    sa.column("intermediate_value"),
    sa.column("intermediate_value_type"),
)

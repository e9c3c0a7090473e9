"""The commands by name, imported when one is used: `lrsweep --help` itself imports none."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperGroup

# Name → (module, function, the first sentence of its help), in the order of `lrsweep --help`.
COMMANDS = {
    "run": ("run", "run", "Run a sweep, or resume one."),
    "probe": ("probe", "probe", "Run a command once and show what a sweep of it would need."),
    "find": ("find", "find", "Find where the learning rate works, by one short run."),
    "confirm": ("confirm", "confirm", "Run the best settings again with new seeds."),
    "report": ("report", "report", "Say what a study found, and how sure it is."),
    "predict": ("predict", "predict", "Predict the rate of a large run from small ones."),
    "list": ("list", "list_studies", "List the studies of a database."),
    "show": ("show", "show", "Show one trial."),
    "logs": ("logs", "logs", "Print what a trial wrote."),
    "best": ("best", "best", "Print the parameters that a study recommends."),
    "compare": ("compare", "compare", "Compare studies, or trials of one."),
    "export": ("export", "export", "Write trials, curves or charts to a file."),
    "dashboard": ("dashboard", "dashboard", "Open the studies in optuna-dashboard."),
    "explain": ("explain", "explain", "Explain a word of a report."),
    "schedule": ("schedule", "schedule", "Draw a learning-rate schedule, or print it."),
    "studies": ("studies", "studies", "List the studies that come with lrsweep."),
    "init": ("init", "init", "Write a sweep.toml from a script."),
    "rm": ("rm", "rm", "Remove a study, or trials of it, with their folders."),
    "recover": (
        "recover",
        "recover",
        "Make a study again from the folders of its trials, where its database is gone.",
    ),
    "import-wandb": ("import_wandb", "import_wandb", "Write a sweep.toml from a W&B sweep."),
    "config": ("config", "config", "Print the effective plan of a run."),
}

# Commands and contexts are Click's objects or Typer's own copy of them, as Typer's version has it.
Command = Any
Context = Any


class Commands(TyperGroup):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module, function, _ = COMMANDS[cmd_name]
            one = typer.Typer(add_completion=False, rich_markup_mode="rich")
            one.command(cmd_name, context_settings={"help_option_names": ["-h", "--help"]})(
                getattr(importlib.import_module(f"lrsweep.cli.{module}"), function)
            )
            self.commands[cmd_name] = typer.main.get_command(one)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            for name in COMMANDS:  # all are there for Typer to suggest the nearest of
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Context, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, _, sentence) in COMMANDS.items()])

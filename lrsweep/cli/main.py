"""The `lrsweep` command: its subcommands, and the one place that shows errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

from lrsweep import __version__
from lrsweep.cli.commands import Commands
from lrsweep.errors import InputError, Interrupted, LrsweepError, exit_code
from lrsweep.storage_url import ENV_STORAGE
from lrsweep.terms import printable_lines
from lrsweep.user_file import user_file

# Commands whose plan takes the user's own file as the weakest of its layers.
_PLANNING = ("run", "probe", "find", "config", "init")
# Longer values than this are cut in the middle where they are shown.
_LONGEST = 1500
# Click's, or that of Typer's own copy of it.
_UsageError: Any = typer.BadParameter.__mro__[1]

app = typer.Typer(
    name="lrsweep",
    cls=Commands,
    rich_markup_mode=None,  # the boxes take longer to import than everything else
    help="Which learning rate, with which batch size and which optimizer, and how sure are we?",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"lrsweep {__version__}")
        raise typer.Exit


@app.callback()
def lrsweep(
    ctx: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Options of the program itself."""
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code of `lrsweep.errors`."""
    arguments, command = split_command(sys.argv[1:] if argv is None else argv)
    try:
        _use_own_storage(arguments)
        sys.exit(app(args=arguments, obj=command, prog_name="lrsweep", standalone_mode=False))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(exit_code(Interrupted("stopped")))
    except _UsageError as error:
        _leave(InputError(error.format_message(), hint=_help_hint(error)))
    except LrsweepError as error:
        _leave(error)


def _use_own_storage(arguments: Sequence[str]) -> None:
    """Let commands that only read take the database that the user's own file names.

    Those that plan a sweep read that file as the weakest of several layers.
    """
    reads = bool(arguments) and arguments[0] not in _PLANNING
    if reads and ENV_STORAGE not in os.environ and os.path.lexists(user_file()):
        from lrsweep.plan.user_settings import user_settings  # slow, and seldom needed

        storage = user_settings().said().get("storage")
        if storage is not None:
            os.environ[ENV_STORAGE] = storage


def _leave(error: LrsweepError) -> NoReturn:
    """Say what went wrong on standard error, and exit with its code."""
    print(f"lrsweep: {_shown(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"  {_shown(error.hint)}", file=sys.stderr)
    sys.exit(exit_code(error))


def _help_hint(error: Any) -> str:
    """The command whose help shows what would be right."""
    return f"{error.ctx.command_path} --help" if error.ctx is not None else "lrsweep --help"


def _shown(text: str) -> str:
    """`text` with nothing in it that a terminal obeys, long ones cut in the middle."""
    text = printable_lines(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-200:]}"


def split_command(argv: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The arguments of lrsweep, and the command of a trial that follows `--`."""
    arguments = list(argv)
    if "--" not in arguments:
        return arguments, ()
    at = arguments.index("--")
    return arguments[:at], tuple(arguments[at + 1 :])


if __name__ == "__main__":
    main()

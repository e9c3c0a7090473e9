"""The `lrsweep` command: its subcommands, and the one place that shows errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from lrsweep import __version__
from lrsweep.cli.commands import Commands
from lrsweep.errors import Interrupted, LrsweepError, exit_code
from lrsweep.terms import printable_lines

app = typer.Typer(
    name="lrsweep",
    cls=Commands,
    rich_markup_mode=None,  # the boxes take longer to import than everything else
    help="Which learning rate, with which batch size and which optimizer, and how sure are we?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"lrsweep {__version__}")
        raise typer.Exit


@app.callback()
def lrsweep(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Options of the program itself."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code of `lrsweep.errors`."""
    arguments, command = split_command(sys.argv[1:] if argv is None else argv)
    try:
        app(args=arguments, obj=command, prog_name="lrsweep")
    except KeyboardInterrupt:
        sys.exit(exit_code(Interrupted("stopped")))
    except LrsweepError as error:
        print(f"lrsweep: {printable_lines(error.message)}", file=sys.stderr)
        if error.hint:
            print(f"  {printable_lines(error.hint)}", file=sys.stderr)
        sys.exit(exit_code(error))


def split_command(argv: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The arguments of lrsweep, and the command of a trial that follows `--`."""
    arguments = list(argv)
    if "--" not in arguments:
        return arguments, ()
    at = arguments.index("--")
    return arguments[:at], tuple(arguments[at + 1 :])


if __name__ == "__main__":
    main()

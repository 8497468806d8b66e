"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from . import look, predict, work

app = typer.Typer(
    name="spikebridge",
    help="Write a spiking network once, run it on Brian2 and NEST, and be told with numbers "
    "whether the two agree.",
    epilog="Exit codes: 0 done or agreed, 1 they differ, 2 bad input, 3 a simulator or compiler "
    "is missing, 4 it failed while running.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Options before the command."""


COMMANDS = (
    look.doctor,
    look.list_models,
    look.show,
    look.translate,
    work.run,
    work.compare,
    work.verify,
    predict.theory,
)
EXAMPLES = {
    "doctor": ("doctor",),
    "list": ("list", "list --json"),
    "show": (
        "show neurons/adex",
        "show my_network.toml",
        "show synapses/stdp_triplet --plot",
        "show synapses/stdp_triplet --variant hippocampus --plot window.png",
    ),
    "translate": (
        "translate neurons/lif_current --to nestml",
        "translate networks/brunel2000 --to markdown -o tables/",
        "translate networks/cuba --to brian2 -o cuba/",
        "translate networks/cuba --to nest -o cuba/",
    ),
    "run": (
        'run networks/cuba --on nest -o out/ --duration "1 s"',
        "run networks/brunel2000 --on brian2 -o out/ --variant SR --set order=500 --native",
    ),
    "compare": (
        "compare networks/cuba --on brian2,nest,reference -o out/",
        "compare mine.toml --on brian2,nest -o out/ --option nest.match=false",
        "compare networks/coba --on brian2,nest -o out/ --dts 0.2,0.1,0.05,0.025",
    ),
    "theory": (
        "theory networks/wilson_cowan --vary I_E=-4:2 --cycles",
        "theory networks/binary_small --set copies=1 --json",
        'theory neurons/adex --input "I_ext=100 pA" --box V=-100:-20',
    ),
    "verify": ("verify", 'verify "neurons/lif*"'),
}


for command in COMMANDS:
    name = command.__name__.removesuffix("_models")
    # \b keeps the lines as they are
    shown = "".join(f"\n  spikebridge {line}" for line in EXAMPLES[name])
    app.command(name, epilog=f"\b\nExamples:{shown}")(command)

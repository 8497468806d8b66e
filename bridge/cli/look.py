"""Commands that look at things: doctor, list, show, translate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from . import options as o
from .output import note, only_json, print_json, say, table

Model = Annotated[str, typer.Argument(help="Library name (neurons/adex) or path of a TOML file.")]


def doctor(json: o.Json = False) -> int:
    """Say which simulators and compilers are here, and how to mend what is missing.

    Leaves with 3 if no simulator can run.
    """
    from .health import health

    found = health()
    if json:
        print_json(found)
    else:
        marks = {True: "ok", False: "missing"}
        rows = [[r["name"], marks[r["ok"]], r["detail"], r["remedy"]] for r in found["checks"]]
        table(["what", "", "found", "remedy"], rows)
    return 0 if any(s["ok"] for s in found["simulators"].values()) else 3


def list_models(json: o.Json = False) -> int:
    """List the models of the library with their titles."""
    from ..definition.library import load, names

    models = [(name, load(name).title) for name in names()]
    if json:
        print_json({"models": [{"name": n, "title": t} for n, t in models]})
        return 0
    kind = ""
    for name, title in models:
        if name.partition("/")[0] != kind:
            kind = name.partition("/")[0]
            say(f"{kind}:")
        say(f"  {name:<28} {title}")
    return 0


def show(
    model: Model,
    plot: Annotated[
        str | None,
        typer.Option(
            metavar="[FILE]",
            help="Draw it instead: STDP window and response of a synapse, potential of a neuron. "
            "PNG, SVG or PDF; NAME.png where no file is named.",
        ),
    ] = None,
    variant: o.Variant = None,
    json: o.Json = False,
) -> int:
    """Show a model: equations, parameters, ports, source, fitting schemes, NEST's built-in."""
    from ..definition.library import load
    from .card import card, card_text

    definition = load(model, **o.parameters_of(None, variant))
    if plot is not None:
        from ..pictures import picture

        path = str(picture(definition, plot or None))
        if json:
            print_json({"name": definition.label, "files": [path]})
        else:
            say(path)
        return 0
    found = card(definition)
    if json:
        print_json(found)
    else:
        say(card_text(found))
    return 0


def translate(
    model: Model,
    to: Annotated[str, typer.Option(help="brian2, nest, nestml, latex or markdown.")],
    scheme: o.Scheme = "auto",
    settings: o.Settings = None,
    variant: o.Variant = None,
    match: Annotated[
        bool, typer.Option("--match", help="nestml: use NEST's built-in where one matches.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write files into this folder.")
    ] = None,
    json: o.Json = False,
) -> int:
    """Print a model in the language of a simulator, as LaTeX, or as the tables of Nordlie et al.

    On stderr it also says which synapses are integrated in every step, and why; with nestml, which
    NEST built-in is the same model, or what differs.
    """
    from ..translate import translate as translated

    with only_json(json):
        parameters = o.parameters_of(settings, variant)
        found = translated(model, to, scheme=scheme, parameters=parameters, match=match)
        remarks = _remarks(model, parameters, to)
    files = [str(path) for path in found.write(out)] if out else []
    if json:
        sources = dict(found.sources)
        content: dict[str, Any] = {"target": to, "sources": sources, "matches": found.matches}
        print_json({**content, "explanation": remarks, "files": files})
        return 0
    for name in files:
        say(name)
    if not out:
        _print_sources(found.sources)
    for remark in remarks:
        note(remark)
    return 0


def _remarks(model: str, parameters: dict[str, Any], to: str) -> list[str]:
    """What a reader of the translation should know."""
    from ..definition.library import load
    from .card import clock_driven, explanations

    definition = load(model, **parameters)
    built_in = explanations(definition) if to == "nestml" else []
    return [*built_in, *clock_driven(definition)]


def _print_sources(sources: Any) -> None:
    for index, (name, text) in enumerate(sources.items()):
        if len(sources) > 1:
            say(f"{'' if index == 0 else chr(10)}# ---- {name}")
        say(text.rstrip("\n"))

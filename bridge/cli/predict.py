"""The command `theory`: what a model does by its equations, without a simulator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import DefinitionError
from . import options as o
from .output import only_json, print_json, say


def theory(
    model: Annotated[
        str, typer.Argument(help="Library name (networks/wilson_cowan) or path of a TOML file.")
    ],
    settings: o.Settings = None,
    variant: o.Variant = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", help='Of one neuron: --input "I_ext=100 pA".'),
    ] = None,
    box: Annotated[
        list[str] | None,
        typer.Option(help="Where to look: --box V=-100:0 (ms, mV, pA), for unbounded states."),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            help="A parameter's branches: --vary I_E=-4:2; twice: curves in two parameters."
        ),
    ] = None,
    cycles: Annotated[
        bool, typer.Option("--cycles", help="With --vary: the branches of cycles, too.")
    ] = False,
    method: Annotated[
        str | None,
        typer.Option(help="meanfield: rates, spectra and covariances of a network of many units."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Lay the prediction over a saved run: its .h5 file, or its folder."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="A figure (.png, .svg, .pdf), or a folder for theory.json.",
        ),
    ] = None,
    json: o.Json = False,
) -> int:
    """Say what theory knows: fixed points, eigenvalues, limit cycle, bifurcations of a rate
    network or of a neuron below threshold; distribution and attractors of a binary network; rates,
    spectra and modes of an integrate-and-fire network; drift or steady state of a synapse.
    """
    from ..theory.summary import lines, summary

    if out is not None and out.suffix:
        from ..theory.figures import check_format

        check_format(out)
    elif out is not None:
        o.check_folder(out)
    if method is not None:
        given = {"--box": box, "--input": inputs, "--vary": vary, "--cycles": cycles}
        parameters = o.parameters_of(settings, variant)
        return _by_method(model, method, given, parameters, against, out, json)
    asked = {
        "box": {n: _interval(v, "--box") for n, v in _pairs(box, "--box")},
        "inputs": dict(_pairs(inputs, "--input")),
    }
    varied, parameters = _varied(vary), o.parameters_of(settings, variant)
    with only_json(json):
        told = summary(model, **asked, vary=varied, cycles=cycles, **parameters)
        rows, more = _measured(told, against)
    _show(told | more, [*lines(told), *_row_lines(rows)], out, json)
    if out is not None and out.suffix:
        from ..theory.figures import figure

        figure(model, told, out, rows=rows, **asked, **parameters)
    return 0


def _measured(told: dict[str, Any], run: Path | None) -> tuple[list[Any], dict[str, Any]]:
    """Rows of the prediction over a run, and what they add to the data."""
    if run is None:
        return [], {}
    from ..theory.against import against

    rows = against(told, run)
    return rows, {"against": [r.to_json() for r in rows]}


def _row_lines(rows: list[Any]) -> list[str]:
    if not rows:
        return []
    from ..theory.against import lines

    return lines(rows)


def _by_method(
    model: str,
    method: str,
    given: dict[str, Any],
    parameters: dict[str, Any],
    against: Path | None,
    out: Path | None,
    json: bool,
) -> int:
    """Theory of many units."""
    from ..theory.meanfield import mean_field
    from ..theory.meanfield.report import figure, lines, told

    if method != "meanfield":
        raise DefinitionError(
            f"there is no method {method!r}", symbol="--method", remedy="write --method meanfield"
        )
    for option, value in given.items():
        if value:
            raise DefinitionError(
                f"{option} is not for --method {method}",
                symbol=option,
                remedy="replace parameters of the network with --set",
            )
    with only_json(json):
        found = mean_field(model, **parameters)
        data = told(found)
        rows, more = _measured(data, against)
    _show(data | more, [*lines(data), *_row_lines(rows)], out, json)
    if out is not None:
        figure(found, out if out.suffix else out / "meanfield.png")
    return 0


def _show(told: dict[str, Any], lines: list[str], out: Path | None, json: bool) -> None:
    """Into the folder, and as text or JSON."""
    from ..results.files import replacing
    from ..results.manifest import to_plain

    if out is not None and not out.suffix:
        from json import dumps

        out.mkdir(parents=True, exist_ok=True)
        with replacing(out / "theory.json") as partial:
            partial.write_text(dumps(to_plain(told), indent=2) + "\n", encoding="utf-8")
    if json:
        print_json(to_plain(told))
    else:
        for line in lines:
            say(line)


def _pairs(texts: list[str] | None, option: str) -> list[tuple[str, Any]]:
    return [o.pair(text, option) for text in texts or []]


def _varied(texts: list[str] | None) -> list[tuple[str, float, float]]:
    return [(n, *_interval(v, "--vary")) for n, v in _pairs(texts, "--vary")]


def _interval(text: str, option: str) -> tuple[float, float]:
    low, _, high = text.partition(":")
    try:
        return float(low), float(high)
    except ValueError:
        raise DefinitionError(
            f"{option} {text!r} is no interval",
            symbol=option,
            remedy=f"write {option} name=low:high, e.g. {option} I_E=-4:2",
        ) from None

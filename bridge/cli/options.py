"""Options that several commands share, and how their texts become values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import DefinitionError

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Network = Annotated[
    str, typer.Argument(help="Library name (networks/cuba) or path of a TOML file.")
]
Folder = Annotated[Path, typer.Option("-o", "--out", help="Folder for the results.")]
Duration = Annotated[str | None, typer.Option(help='Length of the run, e.g. "1 s".')]
Step = Annotated[str | None, typer.Option("--dt", help='Time step, e.g. "0.1 ms".')]
Seed = Annotated[int | None, typer.Option(help="Seed of everything random.")]
Scheme = Annotated[
    str,
    typer.Option(help="auto, exact, euler, heun, rk4, exponential_euler or native."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help='Replace a parameter: --set order=500 --set "delay=1 ms".'),
]
Variant = Annotated[str | None, typer.Option(help="A named parameter set of the network.")]
Native = Annotated[
    bool,
    typer.Option("--native", help="Each simulator draws connections and Poisson input itself."),
]
Choices = Annotated[
    list[str] | None,
    typer.Option("--option", help="Of the simulator: --option threads=2, or nest.match=false."),
]
Frozen = Annotated[
    bool, typer.Option("--frozen-noise", help="The same noise path on every simulator.")
]
Steps = Annotated[
    str | None,
    typer.Option(help="Also a convergence study, e.g. --dts 0.2,0.1,0.05,0.025 (ms)."),
]
Seeds = Annotated[
    int, typer.Option(min=0, help="Also statistics over so many seeds, e.g. --seeds 5.")
]
Overlay = Annotated[
    str | None,
    typer.Option(help="A network that describes this one: its curves over what was measured."),
]
Theory = Annotated[
    bool, typer.Option("--theory", help="Lay what theory predicts over the results, in the report.")
]
Keep = Annotated[
    bool, typer.Option("--final-state", help="Keep the state at the end in the columns (.h5).")
]
GoOn = Annotated[
    Path | None,
    typer.Option(
        "--initial-state",
        help="Begin with the final state in these columns; the duration counts from time 0.",
    ),
]
Neo = Annotated[str, typer.Option(help="The Neo file: pickle, nix, nwb or none.")]

NEO_SUFFIX = {"pickle": ".pkl", "nix": ".nix", "nwb": ".nwb"}


def parameters_of(
    settings: list[str] | None, variant: str | None, native: bool = False
) -> dict[str, Any]:
    """``--set``, ``--variant`` and ``--native`` as the ``parameters`` of `simulate`."""
    found: dict[str, Any] = dict(pair(text, "--set") for text in settings or [])
    found |= {"variant": variant} if variant else {}
    return found | ({"native": True} if native else {})


def options_of(choices: list[str] | None, simulators: list[str]) -> dict[str, dict[str, Any]]:
    """``--option`` per simulator; ``nest.threads=2`` is for NEST only, ``threads=2`` for all."""
    found: dict[str, dict[str, Any]] = {name: {} for name in simulators}
    for text in choices or []:
        key, value = pair(text, "--option")
        owner, dot, name = key.rpartition(".")  # a simulator may be called pynn.nest
        if dot and owner not in found:
            raise DefinitionError(
                f"--option {text!r} is for {owner!r}, which does not run",
                symbol=owner,
                remedy=f"the simulators are {', '.join(simulators)}",
            )
        for simulator in [owner] if dot else simulators:
            found[simulator][name] = _plain(value)
    return found


def names_of(text: str) -> list[str]:
    """``"brian2,nest"`` as a list."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise DefinitionError("--on names no simulator", symbol="--on", remedy="e.g. brian2,nest")
    return names


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written to before hours are spent, without making it."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise DefinitionError(
            f"cannot write into {folder}: {nearest} is no folder that you may write to",
            symbol="--out",
            remedy="choose another folder",
        )


def neo_suffix(format_name: str) -> str | None:
    """The suffix of the Neo file; None for "none"."""
    if format_name != "none" and format_name not in NEO_SUFFIX:
        raise DefinitionError(
            f"there is no Neo file format {format_name!r}",
            symbol="--neo",
            remedy=f"choose one of {', '.join([*NEO_SUFFIX, 'none'])}",
        )
    return NEO_SUFFIX.get(format_name)


def pair(text: str, option: str) -> tuple[str, str]:
    """``name=value`` as two texts."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise DefinitionError(
            f"{option} {text!r} is no name=value",
            symbol=option,
            remedy=f"write {option} name=value",
        )
    return name.strip(), value.strip()


def _plain(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def state_of(path: Path | None) -> Any:
    """The final state in a file of columns; None without a file.

    Raises:
        DefinitionError: it holds none.
    """
    if path is None:
        return None
    from ..results.files import load

    state = load(path).final_state
    if state is None:
        raise DefinitionError(
            f"{path} holds no final state",
            symbol="--initial-state",
            remedy="run what comes before with --final-state",
        )
    return state

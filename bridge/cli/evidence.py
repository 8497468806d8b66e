"""Further evidence for a comparison: convergence over dt, statistics over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import DefinitionError
from .options import names_of
from .output import progress

if TYPE_CHECKING:
    from ..compare.comparison import Comparison
    from ..definition.network import Network

LEAST_SEEDS = 3  # a band between a simulator's own seeds needs them


@dataclass(frozen=True)
class Wanted:
    """``dts`` (ms) of a convergence study, and the number of ``seeds`` of the statistics."""

    dts: tuple[float, ...] = ()
    seeds: int = 0


def wanted(dts: str | None, seeds: int) -> Wanted:
    """From the options' texts.

    Raises:
        DefinitionError: not at least two times, or fewer than three seeds.
    """
    found = tuple(_time(text) for text in names_of(dts)) if dts else ()
    if len(found) == 1:
        raise DefinitionError(
            "one dt shows no convergence", symbol="--dts", remedy="e.g. --dts 0.2,0.1,0.05"
        )
    if 0 < seeds < LEAST_SEEDS:
        raise DefinitionError(
            f"{seeds} seeds show no band", symbol="--seeds", remedy="give 3 or more, e.g. --seeds 5"
        )
    return Wanted(found, seeds)


def _time(text: str) -> float:
    from ..definition.values import Quantity, read_value
    from ..units import ONE, TIME

    value = read_value(text.strip(), symbol="--dts")
    if isinstance(value, Quantity) and value.dimension in (TIME, ONE) and value.number > 0:
        return value.number
    raise DefinitionError(f"{text!r} is no time step", symbol="--dts", remedy="give ms, e.g. 0.1")


def gather(
    found: Comparison,
    network: Network,
    simulators: Sequence[str],
    asked: Wanted,
    options: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, Any],
    *,
    quiet: bool,
) -> Comparison:
    """``found`` with the studies that were asked for."""
    from ..studies import convergence_study, seed_study

    if asked.dts:
        scheme = settings["scheme"] if settings["scheme"] != "auto" else network.scheme
        studies = []
        for name in simulators:
            if name == "reference":
                continue  # the studies measure against its adaptive mode
            with progress(f"convergence of {name}", quiet=quiet) as bar:
                study = convergence_study(
                    network,
                    name,
                    dts=asked.dts,
                    scheme="rk4" if scheme == "auto" else scheme,
                    duration=settings["duration"],
                    options=options.get(name),
                    progress=bar,
                )
            studies.append(study)
        found = found.with_evidence(convergence=studies)
    if asked.seeds:
        first = network.seed if settings["seed"] is None else settings["seed"]
        rest = {n: v for n, v in settings.items() if n != "seed"}
        seeds = range(first, first + asked.seeds)
        with progress(f"{asked.seeds} seeds", quiet=quiet) as bar:
            study_of = seed_study(
                network, simulators, seeds=seeds, options=options, progress=bar, **rest
            )
        found = found.with_evidence(statistics=study_of)
    return found

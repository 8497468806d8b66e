"""simulate, compare, load: the layers joined; no logic of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .collector import paused_collector
from .definition.draw import draw
from .definition.draw_noise import own_draws
from .definition.drawn import DrawnNetwork
from .definition.library import load
from .definition.network import Network
from .errors import DefinitionError
from .passes.check import check_drawn
from .passes.lump import lump
from .records import dataclass, replace
from .results.columns import Columns
from .results.connections import Synapses, recorded_connections
from .simulators import base
from .simulators.able import check_able
from .simulators.base import Options, Prepared

if TYPE_CHECKING:
    import neo

    from .compare.comparison import Comparison

__all__ = ["Run", "compare", "load", "network_of", "prepare", "simulate"]


@dataclass(frozen=True, eq=False)
class Run:
    """What one simulation gave: ``columns``, a Neo ``block``, and the translated ``sources``."""

    columns: Columns
    sources: Mapping[str, str]

    @cached_property
    def block(self) -> neo.Block:
        """The results as a `neo.Block`, in PyNN's annotation convention."""
        from .results.neo import to_block

        return to_block(self.columns)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Definition hash, parameters, seed, versions, matches, seconds."""
        return self.columns.manifest

    @property
    def final_state(self) -> Any:
        """What `simulate(..., initial_state=)` goes on from; None unless it was asked for."""
        return self.columns.final_state

    def synapses(self, projection: str, variable: str | None = None) -> Synapses:
        """A recorded state of the synapses of ``projection``: pre, post, times and values.

        ``variable`` may be left out where only one was recorded.

        Raises:
            ConnectionsError: it was not recorded; `Recording(projection=...)` does that.
        """
        return self.columns.synapses(projection, variable)

    def save(self, path: str | Path) -> Path:
        """Columns and manifest on disk (HDF5 and JSON), whole or not at all."""
        from .results.files import save

        return save(self.columns, path)

    def export(self, path: str | Path) -> Path:
        """A file that others read: .nix, .nwb or .pkl by its suffix."""
        from .results.export import export

        return export(self.columns, path)

    def then(self, later: Run) -> Run:
        """This run and the one that went on from its final state, as one."""
        from .results.join import concatenate

        return Run(concatenate([self.columns, later.columns]), self.sources)


def network_of(network: Any, **parameters: Any) -> Network:
    """The network that a name, path, dictionary or `Network` means.

    Raises:
        DefinitionError: it is a neuron or a synapse.
    """
    found = load(network, **parameters)
    if not isinstance(found, Network):
        raise DefinitionError(
            f"{found.label} is a {type(found).__name__.lower()}, not a network",
            model=found.label,
            remedy="put it into a network, or look at it with `spikebridge show`",
        )
    return found


def prepare(
    network: Any,
    on: str,
    *,
    duration: Any = None,
    dt: Any = None,
    seed: int | None = None,
    options: Options | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Prepared:
    """Everything before the run: numbers drawn, passes applied, translated and compiled.

    A `DrawnNetwork` is taken as it is.
    """
    with paused_collector():
        simulator, options = base.get(on), options or Options()
        settings = {"duration": duration, "dt": dt, "seed": seed}
        checked = _checked(network, simulator, options, parameters or {}, **settings)
        return _translated(checked, simulator, options)


@dataclass(frozen=True, eq=False)
class _Checked:
    """A drawn network that makes sense, to a simulator too; ``lumped``: as simulators get it."""

    drawn: DrawnNetwork
    lumped: DrawnNetwork
    title: str
    warnings: tuple[str, ...]


def _checked(
    network: Any,
    simulator: base.Simulator,
    options: Options,
    parameters: Mapping[str, Any],
    **settings: Any,
) -> _Checked:
    if isinstance(network, DrawnNetwork):
        drawn, title = network, network.label
    else:
        found = network_of(network, **parameters)
        drawn = draw(found, frozen_noise=options.frozen_noise, **settings)
        title = found.title or found.label
    lumped = lump(drawn)
    warnings = tuple(check_drawn(lumped, options.scheme))
    base.require(simulator)
    check_able(lumped, simulator, options)
    return _Checked(drawn, lumped, title, warnings)


def _translated(checked: _Checked, simulator: base.Simulator, options: Options) -> Prepared:
    prepared = simulator.prepare(checked.lumped, options)
    notes = {
        "title": checked.title,
        "warnings": list(checked.warnings),
        "own_draws": list(own_draws(checked.drawn)),
    }
    return replace(prepared, notes={**prepared.notes, **notes})


def simulate(
    network: Any,
    on: str = "brian2",
    *,
    duration: Any = None,
    dt: Any = None,
    seed: int | None = None,
    scheme: str = "auto",
    frozen_noise: bool = False,
    final_state: bool = False,
    initial_state: Any = None,
    progress: base.Progress | None = None,
    options: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Run:
    """Run ``network`` on one simulator.

    Args:
        network: library name, path of a TOML file, dictionary, `Network`, or a network whose
            numbers are drawn already (`DrawnNetwork`).
        on: ``"brian2"``, ``"nest"``, ``"reference"`` or another registered simulator.
        duration: ``"1 s"``, a quantity of Brian2, quantities or pint, or ms; the network's own
            where None.
        dt: as ``duration``.
        seed: of everything random; the network's own where None.
        scheme: integration scheme; ``"auto"`` is the network's or the neuron's own.
        frozen_noise: draw white noise here, the same path on every simulator.
        final_state: whether the run ends with a state to go on from.
        initial_state: a final state to go on from.
        progress: called with the fraction done.
        options: of the simulator, e.g. ``{"target": "numpy"}`` or ``{"threads": 2}``.
        parameters: network parameters to replace, and ``variant`` for a named set.

    Raises:
        DefinitionError: bad input, before any simulator starts. Unsupported: the simulator cannot
            do this. SimulatorMissing, SimulationFailed: as they say.
    """
    chosen = Options(
        scheme=scheme,
        simulator=dict(options or {}),
        final_state=final_state,
        initial_state=initial_state,
        frozen_noise=frozen_noise,
        progress=progress,
    )
    simulator = base.get(on)
    settings = {"duration": duration, "dt": dt, "seed": seed}
    with paused_collector():
        checked = _checked(network, simulator, chosen, parameters or {}, **settings)
    with base.started(simulator, chosen) as started:
        with paused_collector():
            prepared = _translated(checked, simulator, started)
        columns = simulator.run(prepared)
    if any(p.synapse.is_graded for p in prepared.network.projections.values()):
        from .simulators.graded import check_traces

        check_traces(prepared.network, columns)
    manifest = {**columns.manifest, **prepared.notes}
    connections = recorded_connections(prepared.network)
    return Run(replace(columns, manifest=manifest, connections=connections), prepared.sources)


def compare(
    network: Any,
    on: Sequence[str] = ("brian2", "nest"),
    *,
    base: str | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Callable[[float], None] | None = None,
    overlay: Any = None,
    bin_width: float = 10.0,
    **settings: Any,
) -> Comparison:
    """Run ``network`` on several simulators and say with numbers whether they agree.

    Args:
        network: as for `simulate`.
        on: simulators, in the order in which they run.
        base: the one that the others are compared with; the first where None.
        options: simulator -> its options.
        progress: called with the fraction of all runs that is done.
        overlay: a network that describes this one (its rate description, with the same names of
            populations and variables), run on ``base`` for the same time with those of
            ``parameters`` that it has too, or its `Run`: its curves are laid over what was
            measured, with the error as numbers (`compare.overlay`).
        bin_width: of the overlay, in ms.
        settings: as for `simulate`.
    """
    from .compare.comparison import compare_columns

    _check_simulators(on, base)
    if overlay is not None and not isinstance(overlay, Run):
        overlay = description_of(overlay, settings.get("parameters") or {})
    runs = {}
    for index, name in enumerate(on):
        share = progress and _share(progress, index, len(on))
        own = (options or {}).get(name)
        runs[name] = simulate(network, name, options=own, progress=share, **settings)
    comparison = compare_columns([run.columns for run in runs.values()], base=base)
    if overlay is not None:
        described = _description(overlay, base or on[0], options, settings)
        comparison = comparison.laid_under(described, width=bin_width)
    sources = {name: "\n\n".join(run.sources.values()) for name, run in runs.items()}
    return replace(comparison, sources=sources)


def description_of(overlay: Any, parameters: Mapping[str, Any]) -> Network:
    """The network to lay over another one, with those of the other's parameters that it has too."""
    network = network_of(overlay)
    own = {n: v for n, v in parameters.items() if n in network.parameters}
    return network.with_parameters(**own) if own else network


def _description(
    overlay: Any, on: str, options: Mapping[str, Any] | None, settings: Mapping[str, Any]
) -> Columns:
    """The result of what is laid over a comparison: given, or run for the same time."""
    if isinstance(overlay, Run):
        return overlay.columns
    common = {n: settings[n] for n in ("duration", "dt", "seed") if n in settings}
    return simulate(overlay, on, options=(options or {}).get(on), **common).columns


def _check_simulators(on: Sequence[str], chosen: str | None) -> None:
    """Two at least, each of them here, before the first one runs."""
    if len(set(on)) < 2 or len(set(on)) < len(on):
        raise DefinitionError(
            f"{', '.join(on) or 'no simulator'}: a comparison needs two different simulators",
            symbol="on",
            remedy="name e.g. brian2,nest,reference",
        )
    if chosen is not None and chosen not in on:
        raise DefinitionError(
            f"the base {chosen!r} is none of the simulators",
            symbol="base",
            remedy=f"choose one of {', '.join(on)}",
        )
    for name in on:
        base.require(base.get(name))


def _share(progress: Callable[[float], None], index: int, count: int) -> Callable[[float], None]:
    return lambda fraction: progress((index + fraction) / count)

"""Every model on every simulator against the contract: what `spikebridge verify` shows."""

from __future__ import annotations

import fnmatch
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from . import api
from .api import Run, compare, simulate
from .definition.algebra import written
from .definition.bench import Drive, bench, default_drive
from .definition.draw import draw
from .definition.draw_noise import noise_names
from .definition.expressions import Expression
from .definition.library import load, names
from .definition.model import Neuron
from .definition.network import Network
from .errors import DefinitionError, SpikebridgeError, Unsupported
from .passes.integrate import fitting_schemes
from .passes.numeric import value_of
from .passes.system import System
from .simulators.base import Options

if TYPE_CHECKING:
    from .compare.comparison import Comparison

# ms; the bench takes the first at which an explicit scheme follows the fastest decay
DTS = (0.1, 0.05, 0.02, 0.01)
FOLLOWS = {"euler": 1.0, "heun": 1.0, "rk4": 2.0}  # largest dt times the fastest decay
LIVELY = 20  # spikes of the bench in 300 ms
NETWORKS: Mapping[str, str] = {
    "networks/cuba": "auto",
    "networks/coba": "rk4",
    "networks/coupled_lif": "auto",
    "networks/brunel2000": "auto",
}


@dataclass(frozen=True)
class Case:
    """One comparison: a model under a scheme, on several simulators with their options."""

    model: str
    scheme: str
    on: tuple[str, ...]
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    expected: str = "identical"
    duration: float = 2000.0

    @property
    def name(self) -> str:
        """``"neurons/adex rk4"``, what patterns are matched with."""
        return f"{self.model} {self.scheme}"


@dataclass(frozen=True)
class Row:
    """The outcome of one case. ``passed``: identical where that is promised, else as catalogued."""

    model: str
    scheme: str
    on: tuple[str, ...]
    dt: float
    spikes: int
    differing: int
    max_relative: float
    verdict: str
    passed: bool
    seconds: float
    note: str = ""


def cases(*, simulators: Sequence[str] = ("reference", "brian2", "nest")) -> Iterator[Case]:
    """Every neuron with every scheme that fits it, its NEST built-in, and the networks."""
    exact: dict[str, dict[str, Any]] = {"brian2": {"target": "numpy"}, "nest": {"match": False}}
    for model in names():
        if model.startswith("neurons/"):
            for scheme in fitting_schemes(load(model)):
                yield Case(model, scheme, tuple(simulators), exact)
            if "nest" in simulators:
                yield Case(model, "built-in", ("reference", "nest"), expected="catalogued")
    for model, scheme in NETWORKS.items():
        pair = tuple(s for s in simulators if s != "reference")
        yield Case(model, scheme, pair, duration=1000.0)


def verify(
    pattern: str | None = None,
    *,
    progress: Callable[[float], None] | None = None,
    jobs: int | None = None,
    simulators: Sequence[str] = ("reference", "brian2", "nest"),
) -> list[Row]:
    """Run every case whose name contains or matches ``pattern``; rows in the cases' order."""
    chosen = [c for c in cases(simulators=simulators) if _fits(c, pattern)]
    if not chosen:
        raise DefinitionError(
            f"no case matches {pattern!r}",
            remedy="patterns match e.g. 'neurons/adex rk4', 'neurons/*', 'networks/cuba auto'",
        )
    rows: dict[int, Row] = {}
    workers = jobs or os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=_spawn(), initializer=_quiet) as pool:
        futures = {pool.submit(run_case, case): k for k, case in enumerate(chosen)}
        for done, future in enumerate(as_completed(futures), 1):
            row = future.result()
            if row is not None:
                rows[futures[future]] = row
            if progress:
                progress(done / len(chosen))
    return [rows[k] for k in sorted(rows)]


def _quiet() -> None:
    """Libraries' deprecation warnings are not about the models."""
    import logging
    import warnings

    warnings.filterwarnings("ignore", category=DeprecationWarning)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def _spawn() -> Any:
    import multiprocessing

    return multiprocessing.get_context("spawn")


def _fits(case: Case, pattern: str | None) -> bool:
    return pattern is None or pattern in case.name or fnmatch.fnmatch(case.name, pattern)


def run_case(case: Case) -> Row | None:
    """Run one case; None for a built-in case of a neuron that no built-in equals."""
    started = time.perf_counter()
    network, dt = _network(case)
    try:
        found = (
            _built_in(case, network, dt) if case.scheme == "built-in" else _all(case, network, dt)
        )
    except SpikebridgeError as error:
        return _failed(case, dt, str(error), time.perf_counter() - started)
    if found is None:
        return None
    matches = found.runs["nest"].manifest.get("matches", []) if "nest" in found.runs else []
    return _row(case, dt, found, matches, time.perf_counter() - started)


def _all(case: Case, network: Network, dt: float) -> Comparison:
    """All simulators under the case's scheme, on one path of the noise."""
    return compare(
        network,
        case.on,
        options=case.options,
        scheme=case.scheme,
        dt=dt,
        duration=case.duration,
        frozen_noise=any(noise_names(p.neuron) for p in network.populations.values()),
    )


def _built_in(case: Case, network: Network, dt: float) -> Comparison | None:
    """NEST's built-in, under its own integrator if need be, against the contract.

    Built-ins do not record every state, so that only the first is.
    """
    from .compare.comparison import compare_columns

    states = {n: replace(r, variables=r.variables[:1]) for n, r in network.recordings.items()}
    network = network.replace(recordings=states)
    settings: dict[str, Any] = {"dt": dt, "duration": case.duration}
    for scheme in ("auto", "native"):
        try:
            prepared = api.prepare(network, "nest", options=Options(scheme=scheme), **settings)
        except Unsupported:  # noise, of which no built-in neuron has any
            continue
        if all(m["builtin"] for m in prepared.matches):
            nest = simulate(network, "nest", scheme=scheme, **settings)
            reference = simulate(network, "reference", **settings)
            return compare_columns([reference.columns, nest.columns])
    return None


def _network(case: Case) -> tuple[Network, float]:
    """The network of a case and its dt; a neuron goes on the bench, driven until it fires."""
    model = load(case.model)
    if isinstance(model, Network):
        return model, 0.1
    scheme = "auto" if case.scheme == "built-in" else case.scheme
    networks = (bench(model, duration=case.duration, drive=drive) for drive in _drives(model))
    for network in networks:
        dt, spikes = _trial(network, scheme)
        if spikes >= LIVELY:
            break
    return network, dt


def _drives(neuron: Neuron) -> Iterator[Drive]:
    """The default strengths, and multiples of them for a neuron that they leave silent."""
    usual = default_drive(neuron)
    for factor in (1.0, 2.0, 4.0, 8.0):
        weights = {name: weight * factor for name, weight in (usual.weights or {}).items()}
        yield Drive(usual.current * factor, weights, usual.rate)


def _trial(network: Network, scheme: str) -> tuple[float, int]:
    """The largest dt at which the scheme follows the fastest decay, and the spikes in 300 ms."""
    for dt in DTS:
        try:
            with np.errstate(all="ignore"):
                run = simulate(
                    network, "reference", scheme=scheme, dt=dt, duration=300.0, frozen_noise=True
                )
        except SpikebridgeError:
            continue
        chosen = next(iter(run.manifest["scheme"].values()))
        if _fastest(network, run) * dt <= FOLLOWS.get(chosen, float("inf")):
            return dt, sum(len(s) for s in run.columns.spikes.values())
    return DTS[-1], 0


def _fastest(network: Network, run: Run) -> float:
    """The largest rate -df_i/dx_i (1/ms) that a trial run met; infinite where it left the numbers.

    Past about 1/dt an explicit scheme overshoots, and rounding grows until spikes differ.
    """
    population = network.populations["cells"]
    drawn = draw(network, duration=1.0).populations["cells"]
    traces = {t.variable: t.values for t in run.columns.traces["cells"]}
    if not all(np.all(np.isfinite(v)) and np.abs(v).max() < 1e6 for v in traces.values()):
        return float("inf")
    system = System(population.neuron)
    scope: dict[str, Any] = dict.fromkeys(population.neuron.continuous_ports, 0.0)
    scope |= {"t": 0.0, **drawn.parameters, **traces}
    with np.errstate(all="ignore"):
        return max(float(np.max(_decay(written(f), x, scope))) for x, f in system.drift.items())


def _decay(drift: Expression, state: str, scope: Mapping[str, Any]) -> Any:
    """-df/dx by a difference: min and max in an equation have no derivative everywhere."""
    step = 1e-6 * (1.0 + np.abs(scope[state]))
    moved = value_of(drift, {**scope, state: scope[state] + step})
    return -(np.asarray(moved) - value_of(drift, scope)) / step


def _row(case: Case, dt: float, found: Any, matches: Any, seconds: float) -> Row:
    shown = found.to_json()
    spikes = found.runs[found.base].spikes
    relative = [t["max_relative"] for t in shown["traces"].values()]
    caveats = [c for m in matches for c in m.get("caveats", ())]
    passed = found.verdict.kind == "identical"
    if case.expected == "catalogued":
        passed = passed or bool(caveats)
    return Row(
        case.model,
        case.scheme,
        case.on,
        dt,
        sum(len(s) for s in spikes.values()),
        found.differing,
        max(relative, default=0.0),
        found.verdict.kind,
        passed,
        seconds,
        "; ".join(caveats) if case.expected == "catalogued" else "",
    )


def _failed(case: Case, dt: float, why: str, seconds: float) -> Row:
    return Row(
        case.model, case.scheme, case.on, dt, 0, 0, float("nan"), "failed", False, seconds, why
    )

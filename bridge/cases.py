"""What `spikebridge verify` runs: the list of cases, kind by kind, and the network of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .api import Run, simulate
from .definition.algebra import written
from .definition.bench import Drive, bench, default_drive
from .definition.bench_rates import bench_rates, is_rate_unit
from .definition.bench_synapse import bench_synapse
from .definition.draw import draw
from .definition.expressions import Expression
from .definition.library import load, names
from .definition.model import Neuron, Synapse
from .definition.network import Network
from .errors import DefinitionError, SpikebridgeError
from .passes.integrate import fitting_schemes
from .passes.numeric import value_of
from .passes.system import System

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
RATE_NETWORKS = (
    "rate_matrix",
    "wilson_cowan",
    "ctrnn_oscillator",
    "winner_take_all",
    "binary_small",
    "hebbian_rates",
)
FACTORS = (1.0, 2.0, 4.0, 8.0)  # of the usual strengths, for a model that they leave silent
EXACT: Mapping[str, Mapping[str, Any]] = {
    "brian2": {"target": "numpy"},
    "nest": {"match": False},
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


def _neurons(simulators: Sequence[str]) -> Iterator[Case]:
    """Every neuron with every scheme that fits it, and its NEST built-in."""
    for model in _names("neurons"):
        for scheme in fitting_schemes(load(model)):
            yield Case(model, scheme, tuple(simulators), EXACT)
        if "nest" in simulators:
            yield Case(model, "built-in", ("reference", "nest"), expected="catalogued")


def _synapses(simulators: Sequence[str]) -> Iterator[Case]:
    """Every synapse that has a bench, on a neuron that suits it."""
    for model in _names("synapses"):
        if any(fits(load(model)) for fits, _ in SYNAPSE_BENCHES):
            yield Case(model, "auto", tuple(simulators), EXACT, duration=1000.0)


def _rates(simulators: Sequence[str]) -> Iterator[Case]:
    """Every rate and binary unit and graded rule, in a small network; networks without chaos."""
    units = (*_names("rates"), *_names("binary"))
    units += tuple(n for n in _names("synapses") if load(n).learns)
    for model in (*units, *(f"networks/{n}" for n in RATE_NETWORKS)):
        yield Case(model, "auto", tuple(simulators), EXACT, duration=1000.0)


def _networks(simulators: Sequence[str]) -> Iterator[Case]:
    for model, scheme in NETWORKS.items():
        pair = tuple(s for s in simulators if s != "reference")
        yield Case(model, scheme, pair, duration=1000.0)


KINDS: tuple[Callable[[Sequence[str]], Iterator[Case]], ...] = (
    _neurons,
    _synapses,
    _rates,
    _networks,
)


def cases(*, simulators: Sequence[str] = ("reference", "brian2", "nest")) -> Iterator[Case]:
    """The cases of every kind: neurons, synapses, rate units, networks."""
    for kind in KINDS:
        yield from kind(simulators)


def _names(folder: str) -> Iterator[str]:
    return (name for name in names() if name.startswith(f"{folder}/"))


def network_of_case(case: Case) -> tuple[Network, float]:
    """The network of a case and its dt; neuron and synapse go on a bench, driven until it fires."""
    model = load(case.model)
    if isinstance(model, Network):
        return model, 0.1
    if isinstance(model, Neuron) and is_rate_unit(model):
        return bench_rates(model, duration=case.duration), 0.1
    if isinstance(model, Synapse) and model.learns:
        return bench_rates(load("rates/rate"), model, duration=case.duration), 0.1
    scheme = "auto" if case.scheme == "built-in" else case.scheme
    for factor in FACTORS:
        network = _benched(model, factor, case.duration)
        dt, spikes = trial(network, scheme)
        if spikes >= LIVELY:
            break
    return network, dt


def _benched(model: Neuron | Synapse, factor: float, duration: float) -> Network:
    if isinstance(model, Neuron):
        return bench(model, duration=duration, drive=_stronger(default_drive(model), factor))
    for fits, make in SYNAPSE_BENCHES:
        if fits(model):
            return make(model, factor, duration)
    raise DefinitionError(
        "there is no bench for this kind of synapse",
        model=model.label,
        remedy="compare a network in which it is used",
    )


def _stronger(drive: Drive, factor: float) -> Drive:
    weights = {name: weight * factor for name, weight in (drive.weights or {}).items()}
    return Drive(drive.current * factor, weights, drive.rate)


def _coupled(synapse: Synapse, factor: float, duration: float) -> Network:
    """Continuous synapses drive the neuron that has no synaptic currents of its own."""
    return bench_synapse(synapse, load("neurons/lif"), "I_syn", factor=factor, duration=duration)


def _dynamic(synapse: Synapse, factor: float, duration: float) -> Network:
    """Synapses with states of their own, in a closed loop: what they deliver makes the spikes."""
    neuron = load("neurons/lif_current")
    return bench_synapse(synapse, neuron, "exc", factor=2 * factor, duration=duration)


def _static(synapse: Synapse, factor: float, duration: float) -> Network:
    neuron = load("neurons/lif_current")
    return bench_synapse(synapse, neuron, "exc", factor=factor, duration=duration)


# the first entry that a synapse fits; another kind of synapse is a new entry
SYNAPSE_BENCHES: tuple[
    tuple[Callable[[Synapse], bool], Callable[[Synapse, float, float], Network]], ...
] = (
    (lambda s: s.coupling is not None and bool(s.states) and not s.is_graded, _coupled),
    (lambda synapse: synapse.is_static, _static),
    (lambda synapse: synapse.is_dynamic, _dynamic),
)


def trial(network: Network, scheme: str) -> tuple[float, int]:
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

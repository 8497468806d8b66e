"""Which PyNN scripts run on spikebridge as they are, and are their spikes those of PyNN?

    python examples/pynn_scripts.py [--on nest|brian2] [SCENARIO ...]

Each scenario is a script in PyNN's interface alone, a function of the module `sim`. It is run twice
on one simulator, through PyNN and through `spikebridge.pynn`, and the spikes are compared on the
grid. Prints a table in Markdown. PyNN's package ships no example scripts; these are the usual
scenarios of its documentation. On NEST PyNN is set to spikes on the grid; nothing else differs.

Source spikes are written NUDGE early: pyNN.nest subtracts a delay from them, and what is left a
rounding above the grid would come one step late there.
"""

from __future__ import annotations

import argparse
import logging
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from pyNN.parameters import Sequence

from spikebridge.errors import SpikebridgeError

DT = 0.1
NUDGE = 1e-6  # ms
Script = Callable[[Any], list[Any]]  # from PyNN's module to the populations whose spikes count
SCRIPTS: dict[str, tuple[str, Script]] = {}


def scenario(text: str) -> Callable[[Script], Script]:
    """Put a script into the table."""

    def keep(script: Script) -> Script:
        SCRIPTS[script.__name__] = (text, script)
        return script

    return keep


def trains(size: int, every: float, stop: float) -> list[Sequence]:
    """Regular trains, each a little slower than the one before."""
    times = [np.round(np.arange(5.0 + k, stop, every + 0.7 * k), 1) for k in range(size)]
    return [Sequence(t - NUDGE) for t in times]


def inputs(sim: Any, size: int, every: float, stop: float) -> Any:
    """A population of such trains."""
    return sim.Population(size, sim.SpikeSourceArray(spike_times=trains(size, every, stop)))


def stepped(sim: Any, cell: Any, amplitude: float) -> list[Any]:
    """Two cells under steps of current."""
    cells = sim.Population(2, cell)
    current = sim.StepCurrentSource(
        times=[20.0, 120.0, 160.0], amplitudes=[amplitude, 0.0, amplitude]
    )
    current.inject_into(cells)
    cells.record(["spikes", "v"])
    sim.run(200.0)
    return [cells]


@scenario("`IF_curr_exp` under steps of current")
def if_curr_exp(sim: Any) -> list[Any]:
    return stepped(sim, sim.IF_curr_exp(tau_refrac=[2.0, 5.0]), 1.1)


@scenario("`IF_curr_alpha` under steps of current")
def if_curr_alpha(sim: Any) -> list[Any]:
    return stepped(sim, sim.IF_curr_alpha(tau_refrac=2.0, tau_m=15.0), 1.3)


@scenario("`IF_cond_exp` under steps of current")
def if_cond_exp(sim: Any) -> list[Any]:
    return stepped(sim, sim.IF_cond_exp(tau_refrac=2.0), 1.1)


@scenario("`EIF_cond_exp_isfa_ista` under steps of current")
def eif_cond_exp(sim: Any) -> list[Any]:
    return stepped(sim, sim.EIF_cond_exp_isfa_ista(), 0.8)


@scenario("`Izhikevich` under steps of current")
def izhikevich(sim: Any) -> list[Any]:
    return stepped(sim, sim.Izhikevich(a=0.02, b=0.2, c=-65.0, d=6.0), 0.012)


@scenario("`HH_cond_exp` under steps of current")
def hh_cond_exp(sim: Any) -> list[Any]:
    return stepped(sim, sim.HH_cond_exp(), 0.4)


@scenario("a small network of `IF_curr_alpha` with random connections, weights and delays")
def small_network(sim: Any) -> list[Any]:
    rng = sim.NumpyRNG(seed=11)
    source = inputs(sim, 20, 9.0, 190.0)
    cells = sim.Population(16, sim.IF_curr_alpha(tau_refrac=2.0, tau_syn_E=2.0, tau_syn_I=4.0))
    weight = sim.RandomDistribution("uniform", (0.3, 0.8), rng=rng)
    delay = sim.RandomDistribution("uniform", (0.5, 3.0), rng=rng)
    some = sim.FixedProbabilityConnector(0.5, rng=rng)
    sim.Projection(source, cells, some, sim.StaticSynapse(weight=weight, delay=delay))
    few = sim.FixedNumberPreConnector(4, rng=rng)
    inhibition = sim.StaticSynapse(weight=-0.1, delay=1.0)
    sim.Projection(cells, cells, few, inhibition, receptor_type="inhibitory")
    cells.record("spikes")
    sim.run(200.0)
    return [cells]


def balanced(sim: Any, cell: Any, weights: tuple[float, float]) -> list[Any]:
    """Excitatory and inhibitory cells in one population's views, started at random."""
    rng = sim.NumpyRNG(seed=5)
    cells = sim.Population(80, cell)
    cells.initialize(v=sim.RandomDistribution("uniform", (-65.0, -50.0), rng=rng))
    for part, weight, receptor in (
        (cells[:64], weights[0], "excitatory"),
        (cells[64:], weights[1], "inhibitory"),
    ):
        some = sim.FixedProbabilityConnector(0.1, rng=rng)
        synapse = sim.StaticSynapse(weight=weight, delay=0.2)
        sim.Projection(part, cells, some, synapse, receptor_type=receptor)
    cells.record("spikes")
    sim.run(150.0)
    return [cells]


@scenario("balanced network with currents (views; Vogels-Abbott's, small)")
def balanced_currents(sim: Any) -> list[Any]:
    cell = sim.IF_curr_exp(cm=0.2, tau_refrac=5.0, v_reset=-60.0, tau_syn_I=10.0, i_offset=0.16)
    return balanced(sim, cell, (0.05, -0.15))


@scenario("balanced network with conductances (views; Vogels-Abbott's, small)")
def balanced_conductances(sim: Any) -> list[Any]:
    cell = sim.IF_cond_exp(
        cm=0.2, tau_refrac=5.0, v_reset=-60.0, tau_syn_I=10.0, e_rev_I=-80.0, i_offset=0.16
    )
    return balanced(sim, cell, (0.004, 0.03))


@scenario("distance-dependent connections on a grid, delays by distance")
def distances(sim: Any) -> list[Any]:
    source = sim.Population(
        16, sim.SpikeSourceArray(spike_times=trains(16, 8.0, 90.0)), structure=sim.space.Grid2D()
    )
    cells = sim.Population(16, sim.IF_curr_exp(tau_refrac=2.0), structure=sim.space.Grid2D())
    near = sim.DistanceDependentProbabilityConnector("d < 2.1", rng=sim.NumpyRNG(seed=3))
    synapse = sim.StaticSynapse(weight=0.9, delay="0.5 + 0.3*d")
    sim.Projection(source, cells, near, synapse, space=sim.Space(axes="xy"))
    cells.record("spikes")
    sim.run(100.0)
    return [cells]


@scenario("an assembly of two populations, connections from a list")
def assembly(sim: Any) -> list[Any]:
    a = sim.Population(3, sim.IF_curr_exp(tau_refrac=2.0, i_offset=0.9))
    b = sim.Population(2, sim.IF_curr_alpha(tau_refrac=2.0))
    listed = sim.FromListConnector([(0, 1, 1.5, 0.5), (2, 0, 1.2, 1.7), (1, 1, 0.8, 0.9)])
    sim.Projection(a, b, listed, sim.StaticSynapse())
    synapse = sim.StaticSynapse(weight=0.4, delay=1.0)
    source = inputs(sim, 5, 6.0, 90.0)
    sim.Projection(source, a + b, sim.OneToOneConnector(), synapse, receptor_type="excitatory")
    (a + b).record("spikes")
    sim.run(100.0)
    return [a, b]


@scenario("parameters and weights set between two runs, data in between")
def two_runs(sim: Any) -> list[Any]:
    cells = sim.Population(4, sim.IF_curr_exp(tau_refrac=2.0, i_offset=0.8))
    synapse = sim.StaticSynapse(weight=0.5, delay=1.0)
    wires = sim.Projection(inputs(sim, 4, 7.0, 180.0), cells, sim.OneToOneConnector(), synapse)
    cells.record(["spikes", "v"])
    sim.run(100.0)
    cells.get_data("v")
    cells.set(v_thresh=-52.0)
    wires.set(weight=0.2)
    sim.run(100.0)
    return [cells]


@scenario("an alternating current (`ACSource`)")
def alternating(sim: Any) -> list[Any]:
    cells = sim.Population(2, sim.IF_curr_exp(tau_refrac=2.0, i_offset=0.6))
    sim.ACSource(start=20.0, stop=180.0, amplitude=0.8, frequency=30.0).inject_into(cells)
    cells.record("spikes")
    sim.run(200.0)
    return [cells]


@scenario("a noisy current (`NoisyCurrentSource`)")
def noisy(sim: Any) -> list[Any]:
    cells = sim.Population(2, sim.IF_curr_exp(tau_refrac=2.0, i_offset=0.6))
    sim.NoisyCurrentSource(mean=0.3, stdev=0.5, start=20.0, stop=180.0).inject_into(cells)
    cells.record("spikes")
    sim.run(200.0)
    return [cells]


@scenario("`TsodyksMarkramSynapse`, depressing and facilitating")
def tsodyks_markram(sim: Any) -> list[Any]:
    cells = sim.Population(2, sim.IF_curr_exp(tau_syn_E=3.0, tau_refrac=2.0))
    source = inputs(sim, 1, 6.0, 190.0)
    for unit, (release, rec, facil) in enumerate(((0.5, 120.0, 0.0), (0.04, 60.0, 300.0))):
        synapse = sim.TsodyksMarkramSynapse(
            weight=25.0, delay=0.5, U=release, tau_rec=rec, tau_facil=facil
        )
        sim.Projection(source, cells[unit : unit + 1], sim.AllToAllConnector(), synapse)
    cells.record("spikes")
    sim.run(200.0)
    return [cells]


@scenario("`STDPMechanism`, pair rule, multiplicative")
def stdp(sim: Any) -> list[Any]:
    cells = sim.Population(4, sim.IF_curr_exp(tau_refrac=2.0, i_offset=0.6))
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(
            tau_plus=20.0, tau_minus=20.0, A_plus=0.05, A_minus=0.04
        ),
        weight_dependence=sim.MultiplicativeWeightDependence(w_min=0, w_max=1.0),
        weight=0.4,
        delay=1.0,
    )
    sim.Projection(inputs(sim, 6, 8.0, 290.0), cells, sim.AllToAllConnector(), rule)
    cells.record("spikes")
    sim.run(300.0)
    return [cells]


@scenario("`reset` and a second trial")
def reset(sim: Any) -> list[Any]:
    cells = sim.Population(2, sim.IF_curr_exp(tau_refrac=2.0, i_offset=0.9))
    cells.record("spikes")
    sim.run(100.0)
    sim.reset()
    cells.set(i_offset=1.2)
    sim.run(100.0)
    return [cells]


@scenario("a cell type of NEST alone (`native_cell_type`)")
def native(sim: Any) -> list[Any]:
    cells = sim.Population(1, sim.native_cell_type("iaf_psc_exp")(I_e=500.0))
    cells.record("spikes")
    sim.run(100.0)
    return [cells]


@scenario("`GIF_cond_exp`, a cell without a definition here")
def gif(sim: Any) -> list[Any]:
    return stepped(sim, sim.GIF_cond_exp(), 1.1)


@scenario("`SimpleStochasticSynapse`")
def stochastic(sim: Any) -> list[Any]:
    cells = sim.Population(1, sim.IF_curr_exp())
    synapse = sim.SimpleStochasticSynapse(weight=0.5, delay=1.0, p=0.5)
    sim.Projection(inputs(sim, 1, 5.0, 90.0), cells, sim.AllToAllConnector(), synapse)
    cells.record("spikes")
    sim.run(100.0)
    return [cells]


def spikes(populations: list[Any]) -> list[np.ndarray]:
    """Steps of all spikes, train by train, of every segment."""
    return [
        np.rint(np.asarray(train) / DT).astype(int)
        for population in populations
        for segment in population.get_data("spikes").segments
        for train in segment.spiketrains
    ]


def by_pynn(script: Script, simulator: str) -> list[np.ndarray]:
    """Through PyNN."""
    sim = import_module(f"pyNN.{simulator}")
    sim.setup(timestep=DT, min_delay=DT, max_delay=10.0, spike_precision="on_grid")
    return spikes(script(sim))


def by_us(script: Script, simulator: str) -> list[np.ndarray]:
    """Through spikebridge."""
    import spikebridge.pynn as sim

    options = {"target": "numpy"} if simulator == "brian2" else {}
    sim.setup(timestep=DT, min_delay=DT, max_delay=10.0, backend=simulator, options=options)
    return spikes(script(sim))


def row(name: str, simulator: str) -> str:
    """One line of the table."""
    text, script = SCRIPTS[name]
    try:
        ours = by_us(script, simulator)
    except (SpikebridgeError, AttributeError) as error:
        return f"| {text} | no | | {error} |"
    count = sum(len(t) for t in ours)
    try:
        theirs = by_pynn(script, simulator)
    except Exception as error:  # noqa: BLE001  whatever PyNN says
        said = str(error).strip().splitlines()[0]
        return f"| {text} | yes | {count} | PyNN itself: {type(error).__name__}: {said} |"
    pairs = zip(theirs, ours, strict=True)
    differing = sum(len(np.setxor1d(a, b)) for a, b in pairs)
    later = sum(len(np.setxor1d(a + 1, b)) for a, b in zip(theirs, ours, strict=True))
    verdict = "equal" if not differing else f"{differing} differ"
    if differing and not later:
        verdict = "equal, one step later"
    return f"| {text} | yes | {count} | {verdict} |"


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--on", choices=("nest", "brian2"), default="nest")
    parser.add_argument("scenarios", nargs="*", default=[])
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    if chosen.on == "brian2":
        import brian2

        brian2.prefs.codegen.target = "numpy"
    print(f"| script on {chosen.on} | runs | spikes | against PyNN |\n| --- | --- | --- | --- |")
    for name in chosen.scenarios or SCRIPTS:
        print(row(name, chosen.on), flush=True)


if __name__ == "__main__":
    main()

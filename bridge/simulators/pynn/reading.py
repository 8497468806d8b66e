"""The run in the PyNN process, with weights read on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .build import Built
from .job import Floats, Ints, Job, Wires

ENDS = ("presynaptic_index", "postsynaptic_index")
ANSWER = ("weight", "Kplus")  # of NEST
Samples = Mapping[str, Mapping[str, Floats]]


def run(job: Job, built: Built) -> Samples:
    """Simulate all of it; by projection, what is read of its connections."""
    read = [w for w in job.wires if w.every]
    if not read:
        built.sim.run_until(job.steps * job.dt)
        return {}
    how = {"nest": _stopped, "brian2": _monitored, "neuron": _recorded}[job.backend]
    return how(job, built, read)


def _stopped(job: Job, built: Built, read: list[Wires]) -> Samples:
    """NEST: the run stops where something is to be read.

    The weight after the last presynaptic spike, and the trace of presynaptic ones.
    """
    rows: dict[str, list[Floats]] = {w.name: [] for w in read}
    for step in sorted({k for w in read for k in range(0, job.steps + 1, w.every)}):
        if step > 1:  # NEST is a step ahead of PyNN, and is to know nothing of this one
            built.sim.run_until((step - 1) * job.dt)
        for wires in read:
            if step % wires.every == 0:
                projection = built.projections[wires.name]
                found = projection._get_attributes_as_list([*ENDS, *ANSWER])  # noqa: SLF001
                columns = np.array(found).T
                rows[wires.name].append(columns[2:, _order(columns[:2], wires)])
    built.sim.run_until(job.steps * job.dt)
    return {
        name: dict(zip(ANSWER, np.swapaxes(np.array(found), 0, 1), strict=True))
        for name, found in rows.items()
    }


def _recorded(job: Job, built: Built, read: list[Wires]) -> Samples:
    """NEURON: vectors that it fills, since PyNN plays step currents anew whenever a run goes on.

    They are filled before what happens at their step; where the whole delay is axonal, after the
    presynaptic spikes, which are 1e-9 ms early. A weight holds what has been gathered for it since
    the last presynaptic spike.
    """
    from neuron import h

    vectors, kept = {}, []
    for wires in read:
        assert wires.dynamics is not None
        axonal = np.all(wires.dynamics.parameters["dendritic_delay_fraction"] == 0)
        steps = np.arange(wires.every, job.steps + 1, wires.every)
        times = h.Vector(steps * job.dt - (1e-10 if axonal else job.dt / 4))
        kept.append(times)  # NEURON does not keep it
        vectors[wires.name] = [
            [h.Vector().record(c.weight_adjuster, ref, times) for ref in _places(c)]
            for c in built.projections[wires.name].connections
        ]
    begin = {w.name: [c.weight for c in built.projections[w.name].connections] for w in read}
    built.sim.run_until(job.steps * job.dt)
    found = {}
    for wires in read:
        moved = [weight.as_numpy() + more.as_numpy() for weight, more in vectors[wires.name]]
        rows = np.vstack([begin[wires.name], np.transpose(moved)])
        every = built.projections[wires.name].connections
        ends = np.array([(c.presynaptic_index, c.postsynaptic_index) for c in every]).T
        found[wires.name] = {"weight": _clipped(rows[:, _order(ends, wires)], wires)}
    return found


def _places(connection: Any) -> tuple[Any, Any]:
    return connection.nc._ref_weight[0], connection.weight_adjuster._ref_deltaw  # noqa: SLF001


def _clipped(weights: Floats, wires: Wires) -> Floats:
    """As NEURON will clip them at the next presynaptic spike, if it does."""
    dynamics = wires.dynamics
    assert dynamics is not None
    if dynamics.dependence != "AdditiveWeightDependence":
        return weights
    found: Floats = np.clip(weights, 0.0, dynamics.parameters["w_max"])
    return found


def _order(ends: Any, wires: Wires) -> Ints:
    """The place of each connection among PyNN's, whose ends are ``ends``."""
    order = np.lexsort((ends[1], ends[0]))
    place = np.empty(len(order), np.int64)
    place[np.lexsort((wires.targets, wires.sources))] = order
    return place


def _monitored(job: Job, built: Built, read: list[Wires]) -> Samples:
    """Brian2 keeps the weights itself: stopping its run takes long."""
    from .arrays import weight_monitor, weights_in_pynn

    monitors = {w.name: weight_monitor(built.projections[w.name], w.every * job.dt) for w in read}
    built.sim.run_until(job.steps * job.dt)
    found = {}
    for wires in read:
        projection, rows = built.projections[wires.name], monitors[wires.name].weight.T
        if job.steps % wires.every == 0:
            rows = np.vstack([rows, projection._brian2_synapses[0][0].weight[:]])  # noqa: SLF001
        found[wires.name] = {"weight": weights_in_pynn(projection, np.asarray(rows))}
    return found

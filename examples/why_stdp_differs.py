"""Why your STDP differs: the same spikes through the usual scripts, and what each weight becomes.

Fifty synapses see frozen trains of 20 Hz on either side for 5 s; presynaptic spikes stop after 4 s,
and five postsynaptic spikes of each synapse reach it in one step with a presynaptic one. The rule
is additive pair STDP, w from 0 to 1, beginning at 0.5. What the contract says is computed by the
reference, with the delay on the dendrite unless said otherwise; everything else is compared with
that. Every line is measured when the script runs; docs/why_stdp_differs.md explains them.

    .venv/bin/python examples/why_stdp_differs.py [delay in ms]      two minutes
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import spikebridge as sb

N, SECONDS, RATE = 50, 5.0, 20.0
A_PLUS, ALPHA, TAU = 0.01, 1.05, 20.0
READ = 50.0  # ms between two readings of all weights
DT = 0.1

RELAY = sb.Neuron(  # spikes when it is told to, and adds up what arrives
    "dV/dt = -V/(1*ms) : 1\ndA/dt = 0*A/ms : 1",
    ports={
        "force": {"unit": "1", "receive": "V += weight"},
        "syn": {"unit": "1", "receive": "A += weight"},
    },
    spike={"condition": "V >= 1", "effects": "V = 0"},
    name="relay",
)

Trains = list[np.ndarray]


def trains(delay: float, seed: int = 1) -> tuple[Trains, Trains]:
    """Pre and post trains in ms; no spike reaches a synapse at the very time of a reading."""
    rng = np.random.default_rng(seed)
    steps, back, every = round(SECONDS * 1e4), round(delay / DT), round(READ / DT)
    pre, post = [], []
    for _ in range(N):
        p = np.unique(rng.integers(100, int(0.8 * steps), round(0.8 * SECONDS * RATE)))
        q = np.unique(rng.integers(100, steps, round(SECONDS * RATE)))
        q = np.union1d(q, rng.choice(p[p > 2 * back + 10], 5, replace=False) - back)
        clear = [(x % every > 2) & (x % every < every - 2) for x in (p, q, q + back)]
        pre.append(p[clear[0]] * DT)
        post.append(q[clear[1] & clear[2]] * DT)
    return pre, post


def contract(delay: float, on: str = "reference", **place: Any) -> tuple[np.ndarray, np.ndarray]:
    """Weights at all readings, and all that has been delivered by then: (times, N) each."""
    synapse = sb.load("synapses/stdp_pair", A_plus=str(A_PLUS), A_minus=f"{ALPHA}*A_plus")
    pre, post = trains(delay)
    one = {"rule": "one_to_one", "weight": 2.0, "delay": "0.1 ms"}
    network = sb.Network(
        populations=[sb.Population("post", RELAY, N)],
        stimuli=[
            sb.Stimulus("pre", "spikes", trains=tuple(pre)),
            sb.Stimulus("force", "spikes", trains=tuple(np.round(q - DT, 1) for q in post)),
        ],
        projections=[
            sb.Projection("force", "force", "post", "force", **one),
            sb.Projection(
                *("exc", "pre", "post", "syn", "one_to_one", 1.0, f"{delay} ms"),
                synapse=replace(synapse, **place),
            ),
        ],
        recordings=[
            sb.Recording("w", projection="exc", variables=("w",), every=f"{READ} ms"),
            sb.Recording("A", "post", ("A",), every=f"{READ} ms"),
        ],
        duration=f"{SECONDS} s",
    )
    run = sb.simulate(network, on)
    return run.synapses("exc").values, run.columns.trace("post", "A").values


def nest_builtin(delay: float) -> tuple[np.ndarray, np.ndarray]:
    """NEST's stdp_synapse between parrots; weights as GetStatus gives them."""
    os.environ["PYNEST_QUIET"] = "1"
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.set(resolution=DT)
    pre, post = trains(delay)
    units = [nest.Create("parrot_neuron", N) for _ in range(2)]
    units[1].set(tau_minus=TAU)
    for cells, some in zip(units, (pre, post), strict=True):
        times = [{"spike_times": np.round(t - 1.0, 1)} for t in some]  # 1 ms to the parrot
        nest.Connect(nest.Create("spike_generator", N, times), cells, "one_to_one")
    rule = {"Wmax": 1.0, "lambda": A_PLUS, "alpha": ALPHA, "mu_plus": 0.0, "mu_minus": 0.0}
    kind = {"synapse_model": "stdp_synapse", "weight": 0.5, "delay": delay, "tau_plus": TAU}
    nest.Connect(*units, "one_to_one", {**kind, **rule, "receptor_type": 1})
    found = nest.GetConnections(*units, "stdp_synapse")
    weights = [np.array(found.weight)]
    for _ in range(round(SECONDS * 1000 / READ)):
        nest.Simulate(READ)
        weights.append(np.array(found.weight))
    return np.array(weights), np.empty(0)


def brian2_script(delay: float, how: str) -> tuple[np.ndarray, np.ndarray]:
    """Brian2 as most scripts are written (``usual``), and with more and more care.

    ``dendritic``: the delay is moved to the postsynaptic pathway; ``ordered``: changes of w come
    before changes of traces; both deliver w when the spike arrives.
    """
    import brian2 as b

    b.prefs.codegen.target = "numpy"
    b.start_scope()
    b.defaultclock.dt = DT * b.ms
    groups = []
    for some in trains(delay):
        indices = np.repeat(np.arange(N), [len(t) for t in some])
        groups.append(b.SpikeGeneratorGroup(N, indices, np.concatenate(some) * b.ms))
    model = """w : 1
    delivered : 1
    dx/dt = -x/tau : 1 (event-driven)
    dy/dt = -y/tau : 1 (event-driven)"""
    down, up = "w = clip(w - A_minus*y, 0, 1)", "w = clip(w + A_plus*x, 0, 1)"
    send = "delivered += w"
    if how == "usual":
        paths = {"pre": f"{send}\n{down}\nx += 1"}, {"post": f"{up}\ny += 1"}, {"pre": delay}
    elif how == "dendritic":
        before = {"pre": f"{down}\nx += 1", "arrive": send}
        paths = before, {"post": f"{up}\ny += 1"}, {"post": delay, "arrive": delay}
    else:
        before = {"down": down, "trace": "x += 1", "arrive": send}
        later = {"up": up, "back": "y += 1"}
        paths = before, later, {"up": delay, "back": delay, "arrive": delay}
    space = {"A_plus": A_PLUS, "A_minus": ALPHA * A_PLUS, "tau": TAU * b.ms}
    synapses = b.Synapses(*groups, model, on_pre=paths[0], on_post=paths[1], namespace=space)
    synapses.connect(j="i")
    synapses.w = 0.5
    for name, value in paths[2].items():
        getattr(synapses, name).delay = value * b.ms
    if how == "ordered":
        for order, name in enumerate(["up", "down", "trace", "back", "arrive"]):
            getattr(synapses, name).order = order
    state = b.StateMonitor(synapses, ["w", "delivered"], record=True, dt=READ * b.ms)
    b.Network(*groups, synapses, state).run(SECONDS * b.second)
    found = [np.vstack([getattr(state, n).T, getattr(synapses, n)[:]]) for n in ("w", "delivered")]
    return found[0], found[1]


def settled(delay: float, times: np.ndarray) -> np.ndarray:
    """Readings at which nothing has happened to a synapse since NEST handled a presynaptic spike.

    NEST hands a spike over at the end of its slice, here 1 ms.
    """
    columns = []
    for p, q in zip(*trains(delay), strict=True):
        handled = np.concatenate([[0.0], p])[np.searchsorted(p, times - 1.0)]
        both = np.concatenate([p, q + delay])
        waiting = (both > handled[:, None] + 1e-6) & (both <= times[:, None])
        columns.append(~waiting.any(axis=1))
    return np.array(columns).T


def apart(task: Callable[..., Any], *arguments: Any) -> Any:
    """``task`` in a process of its own: NEST and Brian2 do not share one."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, arguments)


def line(what: str, weights: np.ndarray, truth: np.ndarray) -> None:
    gap = np.abs(weights - truth)
    opposite = np.sign(weights[-1] - 0.5) != np.sign(truth[-1] - 0.5)
    print(f"  {what:<58}{gap.max():10.2e}{gap[-1].mean():11.2e}{opposite.sum():11d}")


def main(delay: float) -> None:
    """Print every case."""
    w, delivered = contract(delay)
    pre, post = trains(delay)
    met = [
        np.intersect1d(np.rint(p * 10), np.rint((q + delay) * 10)).size
        for p, q in zip(pre, post, strict=True)
    ]
    count = sum(map(len, pre))
    print(f"delay {delay:g} ms, {N} synapses, {count} presynaptic spikes, {sum(met)} coincidences")
    print(f"  weights end between {w[-1].min():.3f} and {w[-1].max():.3f}; `other way`: synapses")
    print("  that end above 0.5 where the contract ends below it, or the reverse\n")
    head = f"{'largest':>10}{'at end':>11}{'other way':>11}"
    print(f"  {'difference of w from the contract':<58}{head}")

    print("the contract on the simulators")
    for name in ("nest", "brian2"):
        line(f"spikebridge on {name}", contract(delay, name)[0], w)

    print("stale weights")
    raw = apart(nest_builtin, delay)[0]
    line("NEST's stdp_synapse, weight as it is stored", raw, w)
    up_to_date = settled(delay, np.arange(len(raw)) * READ)
    share = f"{up_to_date.mean():.0%} of the readings"
    line(f"only where nothing came since ({share})", np.where(up_to_date, raw, w), w)

    print("where the delay sits (the contract, on the reference)")
    for where, place in (("half on the axon", 0.5), ("on the axon", "axonal")):
        line(f"{where} instead of on the dendrite", contract(delay, delay_at=place)[0], w)

    print("a pre- and a postsynaptic spike in one step (the contract, on the reference)")
    for rule in ("post first", "pre first"):
        line(f"{rule} instead of not counted", contract(delay, coincident=rule)[0], w)

    print("Brian2 by hand")
    usual, dendritic = (apart(brian2_script, delay, how)[0] for how in ("usual", "dendritic"))
    line("usual: one pathway each, `delay` on the presynaptic one", usual, w)
    line("delay on the postsynaptic pathway", dendritic, w)
    ordered, sent = apart(brian2_script, delay, "ordered")
    line("pathways in order: weights, then traces", ordered, w)

    print("\namplitudes in flight: w taken when the spike arrives, not when it passes the synapse")
    gap = np.abs(sent[-1] - delivered[-1])
    print(f"  w differs by {np.abs(ordered - w).max():.1e}, but what a synapse delivered in all")
    print(f"  ({delivered[-1].mean():.2f} on average) by {gap.mean():.2e}, at most {gap.max():.2e}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)

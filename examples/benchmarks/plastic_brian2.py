"""Pair STDP on Brian2: through spikebridge against three scripts written by hand.

    python examples/benchmarks/plastic_brian2.py [--network inputs|recurrent] [--duration 2000]
        [--target cython|standalone]

`inputs`: 1000 Poisson inputs at 12 Hz onto 100 LIF neurons, 10^5 plastic synapses. `recurrent`:
2000 LIF neurons, 10 % plastic connections. All programs get the same numbers. Goals on the time of
the run: at most 1.05 times `tuned` (event-driven, with the same delays, coincidences and amplitudes
in flight), at most a tenth of `literal` (the traces as clock-driven equations). `usual` is the
script with two pathways that people write: other delays and coincidences, other weights.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from functools import cache
from typing import Any

import numpy as np
from common import arguments, in_turn, report, script

DT, SEED = 0.1, 7
A_PLUS, A_MINUS, TAU = 0.005, 0.00525, 20.0
DELAYS = {"inputs": 1.0, "recurrent": 1.5}  # ms
WEIGHTS = {"inputs": 0.6, "recurrent": 0.02}  # mV, of w = 1
LIF = (
    "dV/dt = (E_L - V + g + I)/tau_m : volt (unless refractory)\ndg/dt = -g/tau_s : volt\nI : volt"
)
UPDATES = {"pre": "w = clip(w - B*y, 0, 1)", "post": "w = clip(w + A*x, 0, 1)"}


@cache
def numbers(kind: str, duration: float) -> dict[str, Any]:
    """Spike trains of the inputs (ms, none double), connections, drives and first weights."""
    rng = np.random.default_rng(SEED)
    if kind == "inputs":
        steps, sources, targets = round(duration / DT), 1000, 100
        trains = [
            two_in_flight(np.unique(rng.integers(20, steps - 20, rng.poisson(0.012 * duration))))
            for _ in range(sources)
        ]
        i, j = np.divmod(np.arange(sources * targets), targets)
        drive = np.zeros(targets)
    else:
        trains, targets = [], 2000
        i, j = np.nonzero(rng.random((targets, targets)) < 0.1)
        i, j = i[i != j], j[i != j]
        drive = rng.uniform(15.5, 18.0, targets)
    return {"trains": trains, "i": i, "j": j, "I": drive, "w": rng.uniform(0.2, 0.8, len(i))}


def two_in_flight(steps: Any) -> Any:
    """Times in ms without any third spike within the delay: `tuned` has room for two amplitudes."""
    near = steps[2:] - steps[:-2] <= round(DELAYS["inputs"] / DT)
    return np.delete(steps, np.flatnonzero(near) + 2) * DT


def by_hand(way: str, kind: str, duration: float, target: str) -> dict[str, float]:
    """A Brian2 script: `tuned`, `usual` or `literal`."""
    import brian2 as b

    start = time.perf_counter()
    if target == "standalone":
        b.set_device("cpp_standalone", build_on_run=False)
    given, delay = numbers(kind, duration), DELAYS[kind] * b.ms
    b.defaultclock.dt = DT * b.ms
    space = {"E_L": -70 * b.mV, "tau_m": 20 * b.ms, "tau_s": 5 * b.ms}
    neurons = b.NeuronGroup(
        len(given["I"]),
        LIF,
        threshold="V >= -54*mV",
        reset="V = -60*mV",
        refractory=2.1 * b.ms,
        method="exact",
        namespace=space,
    )
    neurons.V, neurons.I = -70 * b.mV, given["I"] * b.mV
    inputs, objects = neurons, [neurons]
    if given["trains"]:
        who = np.repeat(np.arange(len(given["trains"])), [len(t) for t in given["trains"]])
        when = (np.concatenate(given["trains"]) - DT) * b.ms
        inputs = b.SpikeGeneratorGroup(len(given["trains"]), who, when)
        objects.append(inputs)
    synapses = SYNAPSES[way](b, inputs, neurons, delay, WEIGHTS[kind] * b.mV)
    synapses.connect(i=given["i"], j=given["j"])
    synapses.w = given["w"]
    if way == "tuned":
        synapses.fac.order, synapses.dep.order, synapses.upost.order = 0, 1, 2
        synapses.tr.order = -1
    monitor = b.SpikeMonitor(neurons)
    network = b.Network(*objects, synapses, monitor)
    network.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]
    with tempfile.TemporaryDirectory() as folder:
        steps = compiled_whole if target == "standalone" else compiled_piecewise
        times = steps(b, network, duration * b.ms, start, folder)
        mean = float(np.mean(synapses.w[:]))
        spikes = float(monitor.num_spikes)
    return {**times, "collect": 0.0, "spikes": spikes, "mean_w": mean}


def compiled_piecewise(
    b: Any, network: Any, duration: Any, start: float, _: str
) -> dict[str, float]:
    """Brian2's runtime: it compiles inside ``run`` and reports first when the steps begin."""
    began: list[float] = []

    def watch(*_: Any) -> None:
        began.append(time.perf_counter())

    network.run(duration, report=watch, report_period=1e6 * b.second)
    return {"build": began[0] - start, "run": time.perf_counter() - began[0]}


def compiled_whole(
    b: Any, network: Any, duration: Any, start: float, folder: str
) -> dict[str, float]:
    """C++ standalone: one program, compiled before it runs."""
    network.run(duration)
    b.device.build(directory=folder, compile=True, run=False)
    began = time.perf_counter()
    b.device.run(directory=folder, with_output=False)
    return {"build": began - start, "run": time.perf_counter() - began}


def _space(b: Any, weight: Any) -> dict[str, Any]:
    tau = TAU * b.ms
    return {"A": A_PLUS, "B": A_MINUS, "J": weight, "tau_x": tau, "tau_y": tau}


def tuned(b: Any, pre: Any, post: Any, delay: Any, weight: Any) -> Any:
    """The same rule by an expert: ordered pathways, and two amplitudes in flight per synapse."""
    return b.Synapses(
        pre,
        post,
        "dx/dt = -x/tau_x : 1 (event-driven)\ndy/dt = -y/tau_y : 1 (event-driven)\n"
        "w : 1\namp0 : 1\namp1 : 1\nhead : integer\ntail : integer",
        on_pre={
            "dep": f"{UPDATES['pre']}\namp0 = head*amp0 + (1 - head)*w\n"
            "amp1 = head*w + (1 - head)*amp1\nhead = 1 - head\nx += 1",
            "tr": "g_post += J*(tail*amp1 + (1 - tail)*amp0)\ntail = 1 - tail",
        },
        on_post={"fac": UPDATES["post"], "upost": "y += 1"},
        delay={"dep": 0 * b.ms, "tr": delay - DT * b.ms, "fac": delay, "upost": delay},
        namespace=_space(b, weight),
    )


def usual(b: Any, pre: Any, post: Any, delay: Any, weight: Any) -> Any:
    """Two pathways, the delay on the axon, one order of events."""
    return b.Synapses(
        pre,
        post,
        "dx/dt = -x/tau_x : 1 (event-driven)\ndy/dt = -y/tau_y : 1 (event-driven)\nw : 1",
        on_pre=f"g_post += J*w\nx += 1\n{UPDATES['pre']}",
        on_post=f"y += 1\n{UPDATES['post']}",
        delay=delay - DT * b.ms,
        namespace=_space(b, weight),
    )


def literal(b: Any, pre: Any, post: Any, delay: Any, weight: Any) -> Any:
    """The equations as printed: two traces per synapse, integrated in every step."""
    return b.Synapses(
        pre,
        post,
        "dx/dt = -x/tau_x : 1 (clock-driven)\ndy/dt = -y/tau_y : 1 (clock-driven)\nw : 1",
        on_pre=f"g_post += J*w\nx += 1\n{UPDATES['pre']}",
        on_post=f"y += 1\n{UPDATES['post']}",
        delay=delay - DT * b.ms,
        method="exact",
        namespace=_space(b, weight),
    )


SYNAPSES = {"tuned": tuned, "usual": usual, "literal": literal}
GOALS = {"tuned": 1.05, "usual": 0.0, "literal": 0.1}


def through(kind: str, duration: float, target: str) -> dict[str, float]:
    """One run through spikebridge."""
    import spikebridge as sb

    run = sb.simulate(network(kind, duration), on="brian2", options={"target": target})
    seconds = run.columns.manifest["seconds"]
    weights = run.columns.traces["rule"][0].values[-1]
    return {
        **{stage: seconds[stage] for stage in ("build", "run", "collect")},
        "spikes": float(len(run.columns.spikes["post"].times)),
        "mean_w": float(np.mean(weights)),
    }


def network(kind: str, duration: float) -> Any:
    """The same in spikebridge."""
    from spikebridge.definition.library import load
    from spikebridge.definition.model import Neuron
    from spikebridge.definition.network import Network, Population, Projection, Recording, Stimulus

    given = numbers(kind, duration)
    lif = Neuron(
        name="lif",
        equations="dV/dt = (E_L - V + g + I)/tau_m : mV\ndg/dt = -g/tau_s : mV",
        parameters={"E_L": "-70 mV", "tau_m": "20 ms", "tau_s": "5 ms", "I": "0 mV"},
        ports={"syn": {"unit": "mV", "receive": "g += weight"}},
        spike={
            "condition": "V >= -54*mV",
            "effects": "V = -60*mV",
            "refractory": {"period": "2*ms", "clamp": ["V"]},
        },
        initial={"V": "E_L"},
    )
    inputs = {"pre": Stimulus("pre", "spikes", trains=tuple(given["trains"]))}
    rule = Projection(
        "rule",
        "pre" if given["trains"] else "post",
        "post",
        "syn",
        {"kind": "pairwise_list", "sources": given["i"], "targets": given["j"]},
        f"{WEIGHTS[kind]} mV",
        f"{DELAYS[kind]} ms",
        synapse=load("synapses/stdp_pair"),
        parameters={"A_plus": A_PLUS, "A_minus": A_MINUS},
        initial={"w": given["w"]},
    )
    drive = [f"{i} mV" for i in given["I"]]
    return Network(
        populations={"post": Population("post", lif, len(drive), {"I": drive})},
        stimuli=inputs if given["trains"] else {},
        projections={"rule": rule},
        recordings={
            "w": Recording("w", projection="rule", variables=("w",), every=f"{duration} ms")
        },
        duration=f"{duration} ms",
    )


def main() -> None:
    parser = arguments(__doc__, network="inputs", duration="2000")
    parser.add_argument("--target", default="cython", choices=["cython", "standalone"])
    parser.add_argument("--against", default=",".join(GOALS), help="which of the scripts")
    parser.add_argument("--one", choices=["ours", *SYNAPSES], help=argparse.SUPPRESS)
    options = parser.parse_args()
    size = options.network, float(options.duration), options.target
    if options.one:
        found = through(*size) if options.one == "ours" else by_hand(options.one, *size)
        print(json.dumps(found))
        return
    sized = ["--network", size[0], "--duration", size[1], "--target", size[2]]
    against = [way for way in GOALS if way in options.against.split(",")]
    names = ["ours", *against]
    programs = {n: script("plastic_brian2.py", "--one", n, *sized) for n in names}
    measured = in_turn(programs, options.repeats, options.warm_ups)
    for way in against:
        pair = {"ours": measured["ours"], way: measured[way]}
        goals = {n: g for n, g in {"run": GOALS[way]}.items() if g}
        report(f"{size[0]}, {size[2]}, against {way}", pair, goals=goals, as_json=options.json)
    for name, runs in measured.items():
        print(f"{name}: {runs[0]['spikes']:.0f} spikes, mean w {runs[0]['mean_w']:.12f}")


if __name__ == "__main__":
    main()

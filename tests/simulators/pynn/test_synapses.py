"""PyNN's synapses that change, against the reference: equal, or different by a named rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.definition.library import load
from spikebridge.definition.model import Synapse
from spikebridge.definition.network import Network
from spikebridge.errors import Unsupported
from spikebridge.results.columns import Columns

NUMPY = {"target": "numpy"}
RULE = {"A_plus": "0.005", "A_minus": "0.006"}
INHIBITORY = {"U": "0.04", "tau_rec": "100 ms", "tau_facil": "1000 ms"}
NO_U = {
    "kind": "synapse",
    "equations": "tau_rec*dx/dt = 1 - x - y : 1\ntau_psc*dy/dt = -y : 1",
    "on_pre": "deliver(weight*U*x)\ny += U*x\nx -= U*x",
    "parameters": {"U": "0.5", "tau_rec": "800 ms", "tau_psc": "5 ms"},
    "initial": {"x": "1"},
}
CELL = {"tau_exc": "5 ms", "tau_inh": "5 ms"}


def steps(first: int, stop: int, by: int) -> np.ndarray:
    return np.arange(first, stop, by)


# Each train against kicks at 60 + 137 k: they never reach a synapse together with 1.5 ms of delay.
TRAINS = (steps(30, 1450, 97), steps(41, 1450, 151))
KICKS = steps(60, 1400, 137)


def trains(*found: np.ndarray) -> list[list[str]]:
    return [[f"{k / 10} ms" for k in train] for train in found]


def network(synapses: dict[str, Any], pre: Any = TRAINS, duration: str = "150 ms") -> Network:
    """A cell behind each synapse, silent but for kicks that the synapse has no part in.

    ``synapses``: name -> (synapse, parameters, weight).
    """
    found: dict[str, Any] = {
        "kind": "network",
        "populations": {},
        "projections": {},
        "recordings": {},
        "stimuli": {
            "in": {"kind": "spikes", "trains": trains(*pre)},
            "kick": {"kind": "spikes", "trains": trains(KICKS)},
        },
        "run": {"dt": "0.1 ms", "duration": duration, "seed": 3},
    }
    for name, (synapse, parameters, weight) in synapses.items():
        cell = f"{name}_cell"
        found["populations"][cell] = {
            "neuron": "neurons/lif_current",
            "size": 1,
            "parameters": CELL,
        }
        common = {"post": cell, "rule": {"kind": "all_to_all"}}
        found["projections"] |= {
            name: common
            | {"pre": "in", "port": "exc", "synapse": synapse, "parameters": parameters}
            | {"weight": weight, "delay": "1.5 ms"},
            f"{name}_kick": common
            | {"pre": "kick", "port": "exc", "weight": "9000 pA", "delay": "1 ms"},
            f"{name}_undo": common
            | {"pre": "kick", "port": "inh", "weight": "-7300 pA", "delay": "2 ms"},
        }
        found["recordings"][cell] = {"population": cell, "variables": ["I_exc"]}
        if "w" in load(synapse).states:
            every = {"projection": name, "variables": ["w"], "every": "7.1 ms"}
            found["recordings"][name] = every
    loaded = sb.load(found)
    assert isinstance(loaded, Network)
    return loaded


def pair(delay_at: Any = "dendritic", **values: str) -> tuple[Synapse, dict[str, str], str]:
    synapse = load("synapses/stdp_pair")
    assert isinstance(synapse, Synapse)
    return replace(synapse, delay_at=delay_at), RULE | values, "0.01 pA"


def run(network: Network, on: str, **settings: Any) -> Columns:
    return sb.simulate(network, on, **settings).columns


def currents(columns: Columns, name: str) -> np.ndarray:
    return columns.trace(f"{name}_cell", "I_exc").values[:, 0]


def weights(columns: Columns, name: str) -> np.ndarray:
    return columns.trace(name, "w").values


def models(columns: Columns) -> dict[str, str]:
    return {m["population"]: m["model"] for m in columns.manifest["matches"]}


def test_on_nest_and_neuron() -> None:
    """Tsodyks-Markram synapses deliver the same; NEST's weights are the contract's, of every rule.

    NEURON's sample of a current comes before what arrives at its step; additive STDP has the same
    weights, the rules that read the weight differ by what was gathered since the last spike.
    """
    weight = "400 pA"
    found = network(
        {
            "depressing": ("synapses/tsodyks_uziel_markram", {"tau_psc": "5 ms"}, weight),
            "facilitating": (
                "synapses/tsodyks_uziel_markram",
                {"tau_psc": "5 ms", **INHIBITORY},
                weight,
            ),
            "no_u": (NO_U, {}, weight),
            "additive": pair(),
            "multiplicative": pair(mu_plus="1", mu_minus="1"),
            "mixed": pair(mu_minus="1"),
            "guetig": pair(mu_plus="0.3", mu_minus="0.6"),
        }
    )
    reference, nest, neuron = (run(found, on) for on in ("reference", "pynn.nest", "pynn.neuron"))
    assert models(nest)["depressing"] == models(neuron)["no_u"] == "TsodyksMarkramSynapse"
    assert models(nest)["guetig"] == "STDPMechanism"
    decay = np.exp(-0.1 / 5.0)
    for name in ("depressing", "facilitating", "no_u"):
        there = currents(reference, name)
        np.testing.assert_allclose(currents(nest, name), there, atol=1e-9 * there.max())
        before = there[:-1] * decay
        np.testing.assert_allclose(currents(neuron, name)[1:], before, atol=1e-9 * there.max())
    for name in ("additive", "multiplicative", "mixed", "guetig"):
        there = weights(reference, name)
        assert np.ptp(there) > 0.01
        np.testing.assert_allclose(weights(nest, name), there, atol=1e-12)
        apart = np.abs(weights(neuron, name) - there).max()
        assert apart < 1e-10 if name == "additive" else 1e-7 < apart < 1e-3


def test_axonal_delays_and_brian2() -> None:
    """pyNN.brian2's Tsodyks-Markram synapse is `depression` with tau_d = tau_syn, and no other."""
    chosen = {"U": "0.4", "tau_d": "5 ms"}
    stdp, duration = {"stdp": pair("axonal")}, "36 ms"
    both = network({**stdp, "tm": ("synapses/depression", chosen, "400 pA")}, duration=duration)
    reference, brian2 = run(both, "reference"), run(both, "pynn.brian2", options=NUMPY)
    neuron = run(network(stdp, duration=duration), "pynn.neuron")
    there = weights(reference, "stdp")
    assert np.ptp(there) > 0.005
    np.testing.assert_allclose(weights(neuron, "stdp"), there, atol=1e-10)
    np.testing.assert_allclose(weights(brian2, "stdp"), there, atol=1e-10)
    assert models(brian2)["tm"] == "TsodyksMarkramSynapse"
    np.testing.assert_allclose(currents(brian2, "tm"), currents(reference, "tm"), atol=1e-9)


UZIEL = ("synapses/tsodyks_uziel_markram", {"tau_psc": "5 ms"}, "400 pA")


@pytest.mark.parametrize(
    ("on", "synapse", "why"),
    [
        ("pynn.brian2", UZIEL, "reads neither tau_rec nor tau_facil"),
        ("pynn.nest", ("synapses/depression", {"tau_d": "5 ms"}, "1 pA"), "what was released back"),
        ("pynn.neuron", ("synapses/tsodyks_markram", {}, "1 pA"), "matches no built-in"),
        ("pynn.nest", (UZIEL[0], {"tau_psc": "4 ms"}, "1 pA"), "takes tau_syn_E of IF_curr_exp"),
        ("pynn.brian2", pair(), "delay must be axonal"),
        ("pynn.brian2", ("synapses/depression", {"tau_d": "5 ms"}, "1 pA"), "target = 'numpy'"),
        ("pynn.nest", pair("axonal"), "delay must be dendritic"),
        ("pynn.brian2", pair("axonal", mu_plus="1", mu_minus="1"), "no MultiplicativeWeight"),
        ("pynn.neuron", (*pair()[:2], "0 pA"), "not positive|not be finite"),
        ("pynn.nest", (*pair(nearest="1")[:2], "1 pA"), "matches no built-in"),
    ],
)
def test_what_no_backend_can_do(on: str, synapse: Any, why: str) -> None:
    with pytest.raises(Unsupported, match=why):
        run(network({"s": synapse}), on)


def test_one_tau_minus_per_cell_and_no_early_spikes() -> None:
    two = network({"s": pair()})
    other = replace(two.projections["s"], name="t")
    other = replace(other, parameters={**other.parameters, "tau_minus": "9 ms"})
    with pytest.raises(Unsupported, match="one tau_minus per cell"):
        run(replace(two, projections={**two.projections, "t": other}), "pynn.nest")
    with pytest.raises(Unsupported, match="so early"):
        run(network({"s": pair()}, pre=(steps(1, 99, 11),)), "pynn.nest")
    twice = np.array([20, 20, 50])
    with pytest.raises(Unsupported, match="twice in one step"):
        run(network({"s": pair()}, pre=(twice,)), "pynn.neuron")


def test_a_pair_that_coincides_is_counted_by_the_others() -> None:
    """The contract counts no such pair; pyNN.neuron with an axonal delay potentiates by it."""
    together = KICKS[:3] + 13 - 15  # the kicked spike comes 1.3 ms after the kick
    found = network({"s": pair("axonal")}, pre=(together,), duration="50 ms")
    reference, neuron = (weights(run(found, on), "s")[-1, 0] for on in ("reference", "pynn.neuron"))
    assert neuron - reference == pytest.approx(3 * 0.005, rel=1e-6)

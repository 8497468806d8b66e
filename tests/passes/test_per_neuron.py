"""Which states are the same for all synapses of a neuron, and which are not, with the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spikebridge.definition.library import load
from spikebridge.definition.model import Synapse
from spikebridge.passes.fold import folded
from spikebridge.passes.per_neuron import Facts, PerNeuron, per_neuron
from spikebridge.passes.synapse_program import SynapseProgram, synapse_program


def parts(
    synapse: Synapse, *own: str, pre: str | None = None, post: str | None = None, soma: bool = False
) -> PerNeuron:
    """The parts of ``synapse`` if all numbers but ``own`` are shared."""
    program = synapse_program(synapse)
    shared = frozenset({*program.parameters, *program.states} - {"w", "weight", *own})
    return per_neuron(program, Facts(shared, pre, post, soma))


def texts(statements: object) -> dict[str, str]:
    return {a.target: str(a.value) for a in statements}  # type: ignore[attr-defined]


PAIR = load("synapses/stdp_pair")


def test_traces_of_pair_stdp_live_in_the_neurons() -> None:
    found = parts(PAIR)
    assert (found.pre.states, found.post.states, found.rest.states) == (("x",), ("y",), ("w",))
    assert not found.rest.advance  # nothing of the synapse moves between events
    assert found.rest.kept_by_post == ()
    assert found.post.late  # the presynaptic spike of the same step reads y as before
    assert not found.pre.ahead
    assert not found.pre.late
    assert "both sides" in found.reasons["w"]


@pytest.mark.parametrize(
    ("why", "kept"),
    [
        ({"post": "dendritic delays differ"}, "y"),
        ({"pre": "axonal delays differ"}, "x"),
        ({"own": "tau_plus"}, "x"),
        ({"own": "y"}, "y"),
    ],
)
def test_what_differs_between_synapses_stays_there(why: dict[str, str], kept: str) -> None:
    own = [why.pop("own")] if "own" in why else []
    found = parts(PAIR, *own, **why)  # type: ignore[arg-type]
    assert found.rest.states == tuple(s for s in ("x", "y", "w") if s in (kept, "w"))
    expected = next(iter(why.values()), own[0] if own and own[0] != kept else "begin the same")
    assert expected in found.reasons[kept]
    assert found.rest.kept_by_post == (("y",) if kept == "y" else ())


def test_at_the_soma_a_presynaptic_trace_must_be_remembered() -> None:
    found = parts(PAIR, soma=True)
    assert found.rest.states == ("x", "w")
    assert "as before" in found.reasons["x"]
    assert not found.post.late
    ordered = parts(replace(PAIR, coincident="pre first", delay_at="axonal"), soma=True)
    assert ordered.rest.states == ("w",)


def test_all_of_short_term_plasticity_is_presynaptic() -> None:
    """The amplitude uses u after its jump and R before: written out from what the neuron has."""
    found = parts(load("synapses/tsodyks_markram"))
    assert set(found.pre.states) == {"u", "R"}
    assert found.rest.states == ()
    assert found.pre.ahead
    assert set(texts(found.rest.pre)) == {"amplitude"}


def test_the_triplet_rule_reads_its_own_sides_slow_traces() -> None:
    found = parts(load("synapses/stdp_triplet"))
    assert found.pre.states == ("r_1", "r_2")
    assert found.post.states == ("o_1", "o_2")
    assert found.pre.ahead
    assert found.post.ahead


def test_a_weight_that_follows_the_traces_keeps_them() -> None:
    found = parts(load("synapses/hebbian"))
    assert found.states == ()
    assert found.reasons["r_pre"] == "between events w depends on it"


def test_third_factors() -> None:
    found = parts(load("synapses/eligibility"))
    assert found.states == ("x", "y")
    assert {"c", "d", "w"} == set(found.rest.states)


def test_without_a_closed_form_nothing_moves() -> None:
    found = parts(load("synapses/clopath"))
    assert found.states == ()
    assert set(found.reasons.values()) == {"the equations have no closed form"}


def test_options_that_are_off_vanish() -> None:
    program = folded(_pair(), {"mu_plus": 0.0, "mu_minus": 1.0, "nearest": 0.0, "A_plus": 0.3})
    assert program.parameters == ("A_plus", "A_minus", "tau_plus", "tau_minus")
    assert texts(program.pre)["w"] == "clip(-A_minus * w * y + w, 0.0, 1.0)"
    assert texts(program.pre)["x"] == "x + 1.0"
    assert texts(program.post)["w"] == "clip(A_plus * x + w, 0.0, 1.0)"
    added = next(a.added for a in program.post if a.target == "y")
    assert str(added) == "1.0"


def test_other_numbers_stay_parameters() -> None:
    assert folded(_pair(), {"mu_plus": 0.5, "A_plus": 2.0}) == _pair()


def _pair() -> SynapseProgram:
    return synapse_program(PAIR)

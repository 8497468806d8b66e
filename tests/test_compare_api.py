"""compare refuses before anything runs, and says where simulators drew for themselves."""

from __future__ import annotations

import pytest

import spikebridge as sb

NUMPY = {"brian2": {"target": "numpy"}}


@pytest.mark.parametrize("on", [[], ["reference"], ["nest", "nest"]])
def test_a_comparison_needs_two_simulators(on: list[str]) -> None:
    with pytest.raises(sb.DefinitionError, match="two different simulators"):
        sb.compare("networks/cuba", on)


def test_the_base_is_one_of_them() -> None:
    with pytest.raises(sb.DefinitionError, match="none of the simulators"):
        sb.compare("networks/cuba", ["reference", "brian2"], base="nest")


def noisy(**noise: str) -> sb.Network:
    return sb.Network(
        populations=[sb.Population("E", sb.load("neurons/lif_noisy"), 5)],
        recordings=[sb.Recording("V", "E", ("V",))],
        duration="10 ms",
        **noise,  # type: ignore[arg-type]
    )


def test_own_noise_is_named_as_the_cause() -> None:
    found = sb.compare(noisy(), ["reference", "brian2"], options=NUMPY)
    (cause,) = found.to_json()["causes"].values()
    assert cause["rule"] == "own draws"
    assert "the noise xi of E" in cause["text"]


def test_frozen_noise_leaves_nothing_to_draw() -> None:
    found = sb.compare(noisy(), ["reference", "brian2"], options=NUMPY, frozen_noise=True)
    assert found.verdict.kind == "identical"
    assert found.runs["brian2"].manifest["own_draws"] == []


@pytest.mark.parametrize("on", ["reference", "brian2", "nest"])
def test_states_that_stay_per_synapse_are_refused_with_the_reason(on: str) -> None:
    net = sb.load("networks/coupled_lif")
    changed = net.replace(phases=(sb.Phase("5 ms", {"EE.weight": "2*weight"}),))
    with pytest.raises(sb.Unsupported, match="weight changes during the run"):
        sb.simulate(changed, on, duration="10 ms")

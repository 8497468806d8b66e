"""The adaptive reference against closed forms, and the fixed mode against the adaptive one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from spikebridge.definition.draw import draw
from spikebridge.definition.library import load
from spikebridge.definition.network import Network, Population, Projection, Recording, Stimulus
from spikebridge.errors import SimulationFailed, Unsupported
from spikebridge.results.columns import Columns
from spikebridge.simulators.base import Options
from spikebridge.simulators.reference import Reference


def run(network: Network, mode: str = "adaptive", scheme: str = "auto", **more: Any) -> Columns:
    reference = Reference()
    options = Options(scheme=scheme, simulator={"mode": mode, **more})
    return reference.run(reference.prepare(draw(network), options))


def driven(neuron: str, amplitude: str, duration: str = "100 ms", **parameters: Any) -> Network:
    return Network(
        {"P": Population("P", load(f"neurons/{neuron}", **parameters), 1)},
        stimuli={"I": Stimulus("I", "current", population="P", port="I_ext", amplitude=amplitude)},
        recordings={"V": Recording("V", "P", ("V",))},
        duration=duration,
    )


@pytest.mark.parametrize("method", ["DOP853", "LSODA"])
def test_interspike_intervals_are_the_closed_form(method: str) -> None:
    """t_ref + tau*log(RI/(RI - theta)), off the grid."""
    tolerance = 1e-10 if method == "DOP853" else 1e-5
    times = run(driven("lif", "200 pA", "200 ms"), method=method).spikes["P"].times
    climb = 20.0 * math.log(20.0 / 5.0)
    expected = climb + (climb + 2.0) * np.arange(len(times))
    assert len(times) == 6
    assert np.abs(times - expected).max() < tolerance


def test_samples_lie_on_the_grid_and_on_the_solution() -> None:
    trace = run(driven("lif", "100 pA", "20 ms")).trace("P", "V")
    assert np.array_equal(trace.times, np.arange(201) * 0.1)
    assert (
        np.abs(trace.values[:, 0] - (-65.0 + 10.0 * (1 - np.exp(-trace.times / 20)))).max() < 1e-9
    )


def test_delays_are_exact_and_samples_come_after_arrivals() -> None:
    network = Network(
        {
            "A": Population("A", load("neurons/lif"), 1),
            "B": Population("B", load("neurons/lif_delta"), 1),
        },
        {
            "AB": Projection("AB", "A", "B", "spikes", "one_to_one", "25 mV", "1.5 ms"),
            "sB": Projection("sB", "s", "B", "spikes", "one_to_one", "3 mV", "0.7 ms"),
        },
        {
            "I": Stimulus("I", "current", population="A", port="I_ext", amplitude="200 pA"),
            "s": Stimulus("s", "spikes", trains=([2.0],)),
        },
        {"V": Recording("V", "B", ("V",))},
        duration="40 ms",
    )
    columns = run(network)
    values = columns.trace("B", "V").values[:, 0]
    assert values[26] == 0.0 and values[27] == 3.0
    first = columns.spikes["A"].times[0]
    assert columns.spikes["B"].times[0] == pytest.approx(first + 1.5, abs=1e-12)


def test_a_short_hump_over_the_threshold_is_found() -> None:
    """The peak of a postsynaptic potential between two steps, 1e-6 mV over the threshold."""

    def network(threshold: float) -> Network:
        neuron = load("neurons/lif_alpha", V_th=f"{threshold!r} mV")
        return Network(
            {"P": Population("P", neuron, 1)},
            {"sP": Projection("sP", "s", "P", "exc", "one_to_one", "200 pA", "1 ms")},
            {"s": Stimulus("s", "spikes", trains=([1.0],))},
            {"V": Recording("V", "P", ("V",))},
            dt="0.01 ms",
            duration="30 ms",
        )

    peak = float(run(network(0.0)).trace("P", "V").values.max())
    assert len(run(network(peak - 1e-6)).spikes["P"]) == 1
    assert len(run(network(peak + 1e-6)).spikes["P"]) == 0


@pytest.mark.parametrize("name", ["neurons/adex", "neurons/exponential_if"])
def test_a_spike_that_runs_off_to_infinity_is_followed(name: str) -> None:
    times = run(driven(name.removeprefix("neurons/"), "800 pA")).spikes["P"].times
    looser = run(driven(name.removeprefix("neurons/"), "800 pA"), rtol=1e-9, atol=1e-9)
    assert len(times) >= 3
    assert np.abs(times - looser.spikes["P"].times).max() < 1e-6


@pytest.mark.parametrize(("scheme", "order"), [("euler", 1), ("heun", 2), ("rk4", 4)])
def test_fixed_steps_converge_to_it_at_the_order_of_the_scheme(scheme: str, order: int) -> None:
    """Subthreshold, so that no spike time is rounded to the grid."""
    base = driven("adex", "400 pA", "40 ms")
    exact = run(base).trace("P", "V").values[-1, 0]
    errors = [
        abs(run(base.replace(dt=dt), "fixed", scheme).trace("P", "V").values[-1, 0] - exact)
        for dt in ("0.8 ms", "0.4 ms")
    ]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.4)


def test_a_network_of_spikes_tends_to_it() -> None:
    network = Network(
        {"P": Population("P", load("neurons/lif_current"), 6, {"V_rest": "-60*mV + 1*mV*i"})},
        {"PP": Projection("PP", "P", "P", "inh", "all_to_all", "-20 pA", "2 ms")},
        {"I": Stimulus("I", "current", population="P", port="I_ext", amplitude="100 pA")},
        duration="100 ms",
    )
    exact = run(network).spikes["P"]
    errors = []
    for dt in ("0.1 ms", "0.025 ms"):
        found = run(network.replace(dt=dt), "fixed").spikes["P"]
        assert np.array_equal(found.counts(), exact.counts())
        pairs = zip(found.per_unit(), exact.per_unit(), strict=True)
        errors.append(max(np.abs(a - b).max(initial=0.0) for a, b in pairs))
    assert len(exact) > 8
    assert errors[1] < 0.5 * errors[0]


def test_what_it_cannot_do_is_refused() -> None:
    with pytest.raises(Unsupported, match="white noise"):
        run(driven("lif_noisy", "0 pA"))
    big = Network({"P": Population("P", load("neurons/lif"), 5000)})
    with pytest.raises(Unsupported, match="5000 neurons"):
        run(big)
    reference = Reference()
    drawn = draw(driven("lif", "0 pA"))
    options = Options(final_state=True, simulator={"mode": "adaptive"})
    with pytest.raises(Unsupported, match="off the grid"):
        reference.prepare(drawn, options)


def test_a_condition_that_never_ends_is_an_error() -> None:
    with pytest.raises(SimulationFailed, match="still holds"):
        run(driven("lif", "300 pA", V_reset="-40 mV", t_ref="0 ms"))

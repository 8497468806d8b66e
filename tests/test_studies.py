"""Studies of many runs: order of convergence, statistics over seeds."""

from __future__ import annotations

import pytest

from spikebridge.definition.bench import Drive, bench
from spikebridge.definition.draw import draw
from spikebridge.definition.library import load
from spikebridge.definition.regrid import regrid
from spikebridge.errors import DefinitionError
from spikebridge.studies import convergence_study, seed_study

STRONG = Drive(current=700.0, weights={"exc": 3.0, "inh": 2.0})


@pytest.mark.parametrize(("scheme", "order"), [("euler", 1.0), ("heun", 2.0), ("rk4", 4.0)])
def test_adex_converges_at_the_order_of_the_scheme(scheme: str, order: float) -> None:
    network = bench(load("neurons/adex"), duration=20.0, drive=STRONG)
    found = convergence_study(network, "reference", scheme=scheme, duration=8.0)
    voltage = next(q for q in found.quantities if q.name.startswith("cells.V"))
    assert voltage.fitted.order == pytest.approx(order, abs=0.4)
    assert found.converges


def test_a_wrong_order_is_found_out() -> None:
    from spikebridge.api import simulate
    from spikebridge.compare.convergence import convergence

    network = bench(load("neurons/adex"), duration=20.0, drive=STRONG)
    coarse = draw(network, dt=0.2)
    runs = {
        0.2 / k: simulate(regrid(coarse, k), "reference", scheme="euler").columns for k in (1, 2, 4)
    }
    truth = simulate(regrid(coarse, 4), "reference", options={"mode": "adaptive"}).columns
    assert not convergence(runs, truth, expected=4.0).converges


def test_regrid_keeps_times() -> None:
    drawn = draw(bench(load("neurons/lif_current"), duration=20.0), dt=0.2)
    fine = regrid(drawn, 4)
    for name, source in drawn.sources.items():
        assert fine.sources[name].steps * fine.dt == pytest.approx(source.steps * drawn.dt)
    assert fine.duration == drawn.duration


def test_dts_must_be_fractions() -> None:
    network = bench(load("neurons/lif_current"), duration=10.0)
    with pytest.raises(DefinitionError, match="no whole fraction"):
        convergence_study(network, "reference", dts=(0.2, 0.15))


@pytest.mark.slow
def test_seeds_of_two_simulators_agree_and_another_network_does_not() -> None:
    from spikebridge.api import simulate
    from spikebridge.compare.statistics import compare_statistics

    network = load("networks/brunel2000", order=100).native()
    settings = {"seeds": (1, 2, 3), "duration": "600 ms", "discard": 100.0}
    options = {"brian2": {"target": "numpy"}}
    assert seed_study(network, ("brian2", "nest"), options=options, **settings).agrees
    other = network.with_parameters(eta=2.6)
    runs = {
        name: [simulate(net, "nest", seed=s, duration="600 ms").columns for s in (1, 2, 3)]
        for name, net in (("as is", network), ("stronger", other))
    }
    assert not compare_statistics(runs).agrees

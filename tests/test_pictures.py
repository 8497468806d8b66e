"""Protocols against closed forms, and the pictures made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

import spikebridge as sb
from spikebridge.errors import Unsupported
from spikebridge.pictures import PictureError, picture
from spikebridge.protocols import frequency, panels, reward, steady, train, window
from spikebridge.synapse_bench import play


def curves(panel):
    return {curve.label: curve for curve in panel.curves}


def test_pair_window_is_the_published_one():
    curve = curves(window(sb.load("synapses/stdp_pair")))["one pair"]
    lag, there = curve.x, curve.x != 0
    expected = np.where(lag > 0, 0.005, -0.00525) * np.exp(-np.abs(lag) / 20.0)
    np.testing.assert_allclose(curve.y[there], expected[there], rtol=1e-9)
    assert np.isnan(curve.y[~there]).all()


def test_minimal_triplet_rule_needs_repetition_to_potentiate():
    """Pfister & Gerstner 2006: for a pair alone only depression is left, by A2_minus."""
    found = curves(window(sb.load("synapses/stdp_triplet")))
    one = found["one pair"]
    assert (one.y[one.x > 0] == 0).all()
    after = one.x < 0
    np.testing.assert_allclose(one.y[after], -7.1e-3 * np.exp(one.x[after] / 33.7), rtol=1e-9)
    several = found["60 pairs at 20 Hz, per pair"]
    assert np.nanmax(several.y) > 0.005


def test_triplet_rule_turns_depression_into_potentiation_at_high_rates():
    found = curves(frequency(sb.load("synapses/stdp_triplet")))
    before, after = found["pre 10 ms before post"], found["post 10 ms before pre"]
    assert before.y[0] == pytest.approx(0.0, abs=5e-3)
    assert (np.diff(before.y) > 0).all()
    assert after.y[0] < -0.2
    assert after.y[-1] > 0.5


def test_hebbian_pairs_do_not_depend_on_their_order():
    before, after = frequency(sb.load("synapses/hebbian")).curves
    np.testing.assert_allclose(before.y, after.y, rtol=1e-9)
    assert (np.diff(before.y) > 0).all()


def test_inhibitory_rule_is_drawn_away_from_its_bounds():
    """Vogels et al. 2011: a lone pair changes w by eta (exp(-|lag|/tau) - alpha)."""
    curve = curves(window(sb.load("synapses/inhibitory_stdp")))["one pair"]
    there = curve.x != 0
    expected = 0.01 * (np.exp(-np.abs(curve.x[there]) / 20.0) - 2 * 0.003 * 20.0)
    np.testing.assert_allclose(curve.y[there], expected, rtol=1e-9)


def test_reward_acts_on_what_is_left_of_the_trace():
    """Trace c decays with 1 s; the reward's effect on it is the same share, whenever it comes."""
    before, after = reward(sb.load("synapses/eligibility")).curves
    for curve, amount in ((before, 0.1), (after, -0.15)):
        share = curve.y[1:] / curve.y[0]
        np.testing.assert_allclose(share, np.exp(-(curve.x[1:] - curve.x[0])), rtol=1e-6)
        left = amount * np.exp(-10.0 / 20.0) * np.exp(-curve.x[0])
        gain = 0.5e-3 / (1 / 1000.0 + 1 / 200.0)  # d_reward, integrated with both decays
        assert curve.y[0] == pytest.approx(left * gain, rel=1e-3)


def test_steady_states_of_depression():
    """Field notes: R = (1 - d)/(1 - (1 - u) d) with d = exp(-1/(r tau_d)), u = U."""
    curve = curves(steady(sb.load("synapses/depression")))["steady state"]
    period = 1000.0 / curve.x
    whole = np.abs(period * 10 - np.rint(period * 10)) < 1e-9  # others are rounded to the grid
    decay = np.exp(-period / 800.0)
    expected = 0.5 * (1 - decay) / (1 - 0.5 * decay)
    assert whole.sum() >= 8
    np.testing.assert_allclose(curve.y[whole], expected[whole], rtol=1e-6)
    np.testing.assert_allclose(curve.y, expected, rtol=1e-3)


def test_train_follows_the_recursion():
    curve = train(sb.load("synapses/depression")).curves[0]
    rest, expected = 1.0, []
    for gap in [*np.diff(curve.x), 0.0]:
        expected.append(0.5 * rest)
        rest = 1 + (0.5 * rest - 1) * np.exp(-gap / 800.0)
    np.testing.assert_allclose(curve.y, expected, rtol=1e-9)


def test_the_bench_is_the_reference_in_a_network():
    """The same spikes through `simulate` give the same weight."""
    pre, post = np.array([300, 800, 1300, 1500]), np.array([350, 700, 1450])
    synapse = sb.load("synapses/stdp_triplet")
    relay = sb.Neuron(
        "dV/dt = -V/(1*ms) : 1\ndA/dt = 0*A/ms : 1",
        ports={
            "force": {"unit": "1", "receive": "V += weight"},
            "syn": {"unit": "1", "receive": "A += weight"},
        },
        spike={"condition": "V >= 1", "effects": "V = 0"},
    )
    network = sb.Network(
        populations=[sb.Population("post", relay, 1)],
        stimuli=[
            sb.Stimulus("pre", "spikes", trains=(pre * 0.1,)),
            sb.Stimulus("force", "spikes", trains=((post - 2) * 0.1,)),
        ],
        projections=[
            sb.Projection("force", "force", "post", "force", "one_to_one", 2.0, "0.1 ms"),
            sb.Projection(
                "syn", "pre", "post", "syn", "one_to_one", 1.0, "0.1 ms", synapse=synapse
            ),
        ],
        recordings=[sb.Recording("w", projection="syn", variables=("w",))],
        duration="200 ms",
    )
    run = sb.simulate(network, "reference")
    found = play(synapse, [pre], [post], until=[200.0])
    assert found.values["w"][0] == pytest.approx(run.synapses("syn").final[0], rel=1e-14)
    assert len(found.amplitudes[0]) == 4


@pytest.mark.parametrize(
    "name", ["stdp_pair", "stdp_triplet", "hebbian", "inhibitory_stdp", "eligibility"]
)
def test_plastic_synapses_have_two_panels(name):
    first, second = panels(sb.load(f"synapses/{name}"))
    assert first.title.startswith("STDP window")
    assert all(np.isfinite(c.y[c.x != 0]).all() for p in (first, second) for c in p.curves)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("clopath", "reads V_post"),
        ("static", "has no states"),
        ("gating", "adds to its port continuously"),
    ],
)
def test_what_has_no_picture_says_why(name, part, tmp_path):
    with pytest.raises(Unsupported, match=part):
        picture(sb.load(f"synapses/{name}"), tmp_path / "x.png")
    assert not list(tmp_path.iterdir())


def test_a_network_has_no_picture(tmp_path):
    with pytest.raises(Unsupported, match="no picture of a network"):
        picture(sb.load("networks/cuba"), tmp_path / "x.png")


def test_formats_and_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = picture(sb.load("synapses/depression"))
    assert path == Path("depression.png")
    image = imread(path)
    assert image.shape[1] > image.shape[0] > 300
    assert image[..., :3].std() > 0.01  # something is drawn
    assert picture(sb.load("synapses/depression"), "a/b.svg").read_text().count("<path") > 20
    with pytest.raises(PictureError, match="no picture format"):
        picture(sb.load("synapses/depression"), "x.txt")


def test_a_neuron_on_its_bench(tmp_path):
    assert picture(sb.load("neurons/lif_current"), tmp_path / "lif.png").stat().st_size > 5000

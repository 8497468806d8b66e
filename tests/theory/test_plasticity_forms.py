"""Drifts, steady states and moments from definitions: closed forms and tabulated values."""

from __future__ import annotations

import numpy as np
import pytest

from spikebridge.definition.model import Neuron, Synapse
from spikebridge.errors import DefinitionError
from spikebridge.theory.plasticity.drift import balance, drift, fixed_point_form, fixed_points
from spikebridge.theory.plasticity.release import release
from spikebridge.theory.plasticity.shot_noise import shot_noise

FACILITATING = {"U": 0.05, "tau_d": "130 ms", "tau_f": "530 ms"}
DEPRESSING = {"U": 0.5, "tau_d": "800 ms", "tau_f": "1 ms"}


def test_the_triplet_rule_in_closed_form() -> None:
    found = drift("synapses/stdp_triplet", variant="visual_cortex_minimal")
    assert found.text == "-nu_post*nu_pre*(A2_minus*tau_minus - A3_plus*nu_post*tau_plus*tau_y)"
    assert found.state == "w" and "between the bounds of w" in found.notes
    assert found.at(10, 20) == pytest.approx(1.9412e-3, rel=1e-4)
    assert fixed_points(found, 10, 20) == ()
    assert "does not depend on the weight" in fixed_point_form(found)


def test_rates_and_spikes_have_the_same_triplet_drift() -> None:
    """The rate form counts rates in units of r_0 = 1 Hz."""
    rates = drift("synapses/triplet_rate", variant="visual_cortex_minimal")
    assert rates.at(10, 20) == pytest.approx(1.9412e-3, rel=1e-4)


def test_hebbian_fixed_point_and_its_time() -> None:
    """w* = r_i r_j/alpha = 12 with the time constant 1/(eta alpha) = 200 s."""
    found = drift("synapses/hebbian_rate", eta="0.01 Hz", alpha=0.5)
    (rest,) = fixed_points(found, 2.0, 3.0)
    assert rest.w == pytest.approx(12.0) and rest.stable and rest.time == pytest.approx(200.0)
    assert rest.w * (1 - np.exp(-10 / rest.time)) == pytest.approx(0.58524691)
    assert fixed_point_form(drift("synapses/hebbian")) == "nu_post*nu_pre/alpha"


def test_pair_rules() -> None:
    soft = drift("synapses/stdp_pair", variant="multiplicative")
    (rest,) = fixed_points(soft, 10.0, 20.0)
    assert rest.w == pytest.approx(1 / 2.05) and rest.stable
    near = drift("synapses/stdp_pair", variant="nearest")
    x, y = 0.01, 0.02
    plus = 20 * x / (1 + 20 * x) * y
    minus = 1.05 * 20 * y / (1 + 20 * y) * x
    assert near.at(10, 20) == pytest.approx(1e3 * 0.005 * (plus - minus))


def test_inhibitory_plasticity_brings_the_rate_to_its_target() -> None:
    """Vogels et al. (2011): d<w>/dt = 2 eta tau nu_pre (nu_post - rho_0)."""
    found = drift("synapses/inhibitory_stdp")
    assert balance(found, 5.0) == pytest.approx((3.0,))
    assert found.at(5.0, 10.0) == pytest.approx(2 * 0.01 * 0.02 * 5 * (10 - 3))


def test_a_third_factor() -> None:
    found = drift("synapses/eligibility")
    assert found.at(10, 10) == 0.0
    expected = 0.5e-3 * 1e-5 * 1e3 * 200 * (0.1 - 0.15) * 20 * 0.01 * 0.01
    assert found.at(10, 10, events={"reward": 10.0}) * 1e-3 == pytest.approx(expected * 1e3)
    with pytest.raises(DefinitionError, match="no third factor 'dopamine'"):
        found.at(10, 10, events={"dopamine": 1.0})


@pytest.mark.parametrize(
    ("variant", "numbers", "u", "R", "amplitude"),
    [
        ("to_U_after", FACILITATING, 0.36893556, 0.53942347, 0.21603305),
        ("to_U", FACILITATING, 0.36893556, 0.55973476, 0.20650606),
        ("to_zero", FACILITATING, None, 0.55973476, 0.20650606),
        ("to_U_after", DEPRESSING, None, None, 0.05938757),
        ("to_zero", DEPRESSING, None, None, 0.05712586),
    ],
)
def test_tsodyks_markram_at_regular_spikes(
    variant: str, numbers: dict[str, object], u: float | None, R: float | None, amplitude: float
) -> None:
    found = release("synapses/tsodyks_markram", 20.0, "regular", variant=variant, **numbers)
    assert found.amplitude == pytest.approx(amplitude, abs=1e-8)
    for name, value in (("u", u), ("R", R)):
        if value is not None:
            assert found.states[name] == pytest.approx(value, abs=1e-8)
    assert "exp(1.0/(nu_pre*tau_d))" in found.text


def test_tsodyks_markram_at_poisson_spikes() -> None:
    """<u-> is closed: (U + U r tau_f)/(1 + U r tau_f) where u relaxes to U; <u R> is not."""
    found = release("synapses/tsodyks_markram", 20.0, variant="to_U", **FACILITATING)
    assert found.states["u"] == pytest.approx((0.05 + 0.05 * 10.6) / (1 + 0.05 * 10.6))
    assert found.amplitude == pytest.approx(0.18667939, abs=1e-8)
    assert "no closed form" in found.text
    zero = release("synapses/tsodyks_markram", 20.0, variant="to_zero", **FACILITATING)
    assert zero.states["u"] == pytest.approx(0.05 * 10.6 / (1 + 0.05 * 10.6))
    assert zero.amplitude == pytest.approx(found.amplitude, rel=1e-9)  # the same recursion


def test_depression_alone_is_closed() -> None:
    found = release("synapses/depression", 20.0)
    assert found.text == "U/(U*nu_pre*tau_d + 1.0)"
    assert found.amplitude == pytest.approx(0.5 / (1 + 0.5 * 0.02 * 800))


def test_campbell_moments_of_membranes() -> None:
    jump = shot_noise("neurons/lif_delta", "V", {"spikes": ("20 kHz", "0.1 mV")})
    assert (jump.mean, jump.variance, jump.third) == pytest.approx((40.0, 2.0, 0.1333333333))
    slow = shot_noise("neurons/lif_current", "V", {"exc": ("1 kHz", "3 pA")}, V_rest="0 mV")
    assert (slow.mean, slow.variance) == pytest.approx((1.5, 0.045))
    assert slow.forms[1] == "R_m*R_m*nu_exc*tau_exc*tau_exc*w_exc*w_exc/(2.0*(tau_exc + tau_m))"
    alpha = shot_noise("neurons/lif_alpha", "I_exc", {"exc": (1000, "1 pA")})
    assert alpha.mean == pytest.approx(np.e * 2.0)
    assert alpha.variance == pytest.approx(np.e**2 * 2.0 / 4)


def test_campbell_moments_of_synapses_and_of_noise() -> None:
    """The source form tau_s ds/dt = -s + sum delta has the mean r and the variance r/(2 tau_s)."""
    gate = shot_noise("synapses/gating", "s", {"pre": (20.0, 1)})
    assert (gate.mean, gate.variance) == pytest.approx((0.02, 0.02 / 10))
    assert gate.forms[:2] == ("nu_pre", "nu_pre/(2.0*tau_s)")
    noisy = shot_noise("neurons/lif_noisy", "V", {})
    assert noisy.forms[1] == "sigma*sigma" and noisy.third == 0.0


def test_a_conductance_does_not_close() -> None:
    with pytest.raises(DefinitionError, match="do not close"):
        shot_noise("neurons/lif_conductance", "V", {"exc": ("1 kHz", "1 nS")})


def test_wrong_use() -> None:
    with pytest.raises(DefinitionError, match="V_post"):
        drift("synapses/clopath")
    with pytest.raises(DefinitionError, match="no synapse with states"):
        drift("synapses/static")
    with pytest.raises(DefinitionError, match="no state 'q'"):
        drift("synapses/stdp_pair", "q")
    with pytest.raises(DefinitionError, match='"poisson" or "regular"'):
        release("synapses/depression", 10.0, "bursts")
    with pytest.raises(DefinitionError, match="there is no 'gaba'"):
        shot_noise("neurons/lif_current", "V", {"gaba": (10, 1)})
    curved = Synapse(
        "tau*dx/dt = -x : 1\ndw/dt = 0/ms : 1", {"tau": "20 ms"}, name="curved",
        on_pre="w += exp(x)\nx += 1", deliver="weight*w",  # type: ignore[arg-type]
    )  # fmt: skip
    with pytest.raises(DefinitionError, match="no polynomial"):
        _ = drift(curved).closed
    adds_up = Neuron("dV/dt = 0*mV/ms : mV", ports={"in": {"unit": "mV", "receive": "V += weight"}})  # type: ignore[dict-item]
    with pytest.raises(DefinitionError, match="no stationary mean"):
        shot_noise(adds_up, "V", {"in": (10, 1)})

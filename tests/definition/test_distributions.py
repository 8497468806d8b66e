from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikebridge.definition.distributions import Distribution, draw, to_grid
from spikebridge.errors import DefinitionError

N = 40_000


def sample(kind: str, size: int = N, seed: int = 1, **parameters: float) -> np.ndarray:
    return draw(Distribution(kind, parameters), size, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("kind", "parameters", "mean", "std"),
    [
        ("constant", {"value": 2.5}, 2.5, 0.0),
        ("uniform", {"low": -1.0, "high": 3.0}, 1.0, 4 / math.sqrt(12)),
        ("normal", {"mean": -60.0, "std": 5.0}, -60.0, 5.0),
        ("lognormal", {"mu": 0.2, "sigma": 0.5}, math.exp(0.325), 0.7376),
        ("exponential", {"mean": 1.5}, 1.5, 1.5),
        ("exponential", {"mean": 1.5, "shift": 0.1}, 1.6, 1.5),
        ("truncated_normal", {"mean": 0.0, "std": 1.0, "low": 0.0}, math.sqrt(2 / math.pi), 0.603),
    ],
)
def test_moments(kind: str, parameters: dict[str, float], mean: float, std: float) -> None:
    values = sample(kind, **parameters)
    assert values.dtype == np.float64
    assert values.shape == (N,)
    assert values.mean() == pytest.approx(mean, abs=5 * std / math.sqrt(N) + 1e-12)
    assert values.std() == pytest.approx(std, rel=0.03, abs=1e-12)


@pytest.mark.parametrize(
    ("low", "high"), [(-1.0, 0.5), (3.0, 4.0), (-9.0, -8.5), (12.0, 12.5), (-0.5, math.inf)]
)
def test_truncation_is_the_conditional_distribution(low: float, high: float) -> None:
    from scipy import stats

    values = sample("truncated_normal", mean=10.0, std=2.0, low=10 + 2 * low, high=10 + 2 * high)
    assert values.min() >= 10 + 2 * low
    assert values.max() <= 10 + 2 * high
    exact = stats.truncnorm(low, high, loc=10.0, scale=2.0)
    assert stats.kstest(values, exact.cdf).pvalue > 1e-3


@given(
    mean=st.floats(-1e3, 1e3),
    std=st.floats(1e-3, 1e3),
    low=st.floats(-1e4, 1e4),
    width=st.floats(1e-3, 1e4),
)
def test_truncation_holds_far_in_the_tail(
    mean: float, std: float, low: float, width: float
) -> None:
    values = sample("truncated_normal", 50, mean=mean, std=std, low=low, high=low + width)
    assert np.isfinite(values).all()
    assert values.min() >= low
    assert values.max() <= low + width


def test_clip_puts_mass_on_the_bounds() -> None:
    values = draw(
        Distribution("normal", {"mean": 0, "std": 1}, clip=(-1, 1)), N, np.random.default_rng(3)
    )
    assert values.min() == -1
    assert values.max() == 1
    assert np.mean(values == 1) == pytest.approx(0.1587, abs=0.01)


def test_same_seed_same_values_and_shapes() -> None:
    a, b = (sample("normal", 7, seed=5, mean=0, std=1) for _ in range(2))
    assert (a == b).all()
    shaped = draw(Distribution("uniform", {"low": 0, "high": 1}), (3, 4), np.random.default_rng(0))
    assert shaped.shape == (3, 4)


def test_value_semantics() -> None:
    a = Distribution("normal", {"mean": 1, "std": 2})
    b = Distribution("normal", {"std": 2.0, "mean": 1.0})
    assert a == b
    assert hash(a) == hash(b)
    assert a != Distribution("normal", {"mean": 1, "std": 3})
    assert pickle.loads(pickle.dumps(a)) == a
    assert list(b.parameters) == ["mean", "std"]


@pytest.mark.parametrize(
    ("kind", "parameters", "symbol"),
    [
        ("gauss", {}, "gauss"),
        ("normal", {"mean": 1.0}, "std"),
        ("normal", {"mean": 1.0, "std": -1.0}, "std"),
        ("normal", {"mean": 1.0, "sd": 1.0}, "sd"),
        ("normal", {"mean": math.nan, "std": 1.0}, "mean"),
        ("uniform", {"low": 2.0, "high": 1.0}, "low"),
        ("uniform", {"low": 0.0, "high": math.inf}, "high"),
        ("truncated_normal", {"mean": 0.0, "std": 0.0}, "std"),
        ("truncated_normal", {"mean": 0.0, "std": 1.0, "low": 1.0, "high": 1.0}, "low"),
        ("truncated_normal", {"mean": 0.0, "std": 1.0, "low": math.nan}, "low"),
        ("exponential", {"mean": 0.0}, "mean"),
        ("exponential", {"mean": 1.0, "shift": math.inf}, "shift"),
        ("lognormal", {"mu": 0.0, "sigma": -0.1}, "sigma"),
    ],
)
def test_wrong_distributions(kind: str, parameters: dict[str, float], symbol: str) -> None:
    with pytest.raises(DefinitionError) as error:
        Distribution(kind, parameters)
    assert error.value.symbol == symbol


def test_wrong_clip() -> None:
    with pytest.raises(DefinitionError, match="the wrong way round"):
        Distribution("normal", {"mean": 0, "std": 1}, clip=(1, -1))


@given(st.lists(st.floats(-10, 1e3), max_size=50), st.sampled_from([0.01, 0.1, 0.025, 1.0]))
def test_grid(values: list[float], dt: float) -> None:
    delays = to_grid(values, dt)
    steps = np.rint(delays / dt)
    assert (delays == steps * dt).all()
    assert (steps >= 1).all()
    inside = np.asarray(values) >= dt
    assert (np.abs(delays - values)[inside] <= 0.5 * dt * (1 + 1e-9)).all()


def test_grid_errors() -> None:
    with pytest.raises(DefinitionError, match="time step"):
        to_grid([1.0], 0.0)
    with pytest.raises(DefinitionError, match="not finite"):
        to_grid([math.inf], 0.1)

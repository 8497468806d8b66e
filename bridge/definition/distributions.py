"""Distributions of weights, delays, parameters and initial values, drawn once with a seed.

The parameters are plain numbers in the coherent set (ms, mV, pA, nS, GOhm, pF, kHz).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DefinitionError
from ..records import dataclass, field

Floats = NDArray[np.float64]
Size = int | tuple[int, ...]

# kind -> (parameters that must be given, parameters with a default)
KINDS: dict[str, tuple[tuple[str, ...], dict[str, float]]] = {
    "constant": (("value",), {}),
    "uniform": (("low", "high"), {}),
    "normal": (("mean", "std"), {}),
    "truncated_normal": (("mean", "std"), {"low": -math.inf, "high": math.inf}),
    "lognormal": (("mu", "sigma"), {}),
    "exponential": (("mean",), {"shift": 0.0}),
}


@dataclass(frozen=True)
class Distribution:
    """A named distribution, checked when it is made.

    ==================  ================================  =========================================
    kind                parameters                        density of x
    ==================  ================================  =========================================
    `constant`          `value`                           all mass at `value`
    `uniform`           `low`, `high`                     1/(high - low) on [low, high)
    `normal`            `mean`, `std`                     exp(-(x - mean)²/(2 std²)) / (std √(2π))
    `truncated_normal`  `mean`, `std`, [`low`], [`high`]  the normal, restricted to [low, high]
    `lognormal`         `mu`, `sigma`                     exp(mu + sigma·z) with z standard normal
    `exponential`       `mean`, [`shift`]                 exp(-(x - shift)/mean)/mean, x >= shift
    ==================  ================================  =========================================

    `mean` and `std` of the truncated normal are those before truncation. `clip = (low, high)` moves
    what lies outside to the nearer bound, which puts mass there; truncation does not.

    Raises:
        DefinitionError: unknown kind, missing or unknown parameter, value out of range.
    """

    kind: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    clip: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DefinitionError(
                f"unknown distribution {self.kind!r}",
                symbol=self.kind,
                remedy=f"choose one of {', '.join(KINDS)}",
            )
        object.__setattr__(self, "parameters", _complete(self.kind, self.parameters))
        _check_ranges(self.kind, self.parameters)
        if self.clip is not None:
            low, high = (float(bound) for bound in self.clip)
            _require(low <= high, self.kind, "clip", f"is the wrong way round: {low:g} > {high:g}")
            object.__setattr__(self, "clip", (low, high))

    def __hash__(self) -> int:
        return hash((self.kind, tuple(sorted(self.parameters.items())), self.clip))


def draw(distribution: Distribution, size: Size, rng: np.random.Generator) -> Floats:
    """Independent draws, shape `size`, in the unit of the parameters."""
    p = distribution.parameters
    match distribution.kind:
        case "constant":
            values = np.full(size, p["value"])
        case "uniform":
            values = rng.uniform(p["low"], p["high"], size)
        case "normal":
            values = rng.normal(p["mean"], p["std"], size)
        case "truncated_normal":
            values = _truncated_normal(p["mean"], p["std"], p["low"], p["high"], size, rng)
        case "lognormal":
            values = rng.lognormal(p["mu"], p["sigma"], size)
        case _:
            values = p["shift"] + rng.exponential(p["mean"], size)
    if distribution.clip is not None:
        np.clip(values, *distribution.clip, out=values)
    return np.asarray(values, dtype=np.float64)


def to_grid(values: ArrayLike, dt: float) -> Floats:
    """Random delays moved to the nearest positive multiple of `dt` (both in ms), ties to even.

    A delay below `dt/2` becomes `dt`: no event arrives in the step that sent it.

    Raises:
        DefinitionError: `dt` is not positive, or a value is not finite.
    """
    if not (math.isfinite(dt) and dt > 0):
        raise DefinitionError(f"the time step is {dt:g} ms", symbol="dt", remedy="give dt > 0")
    delays = np.asarray(values, dtype=np.float64)
    if not np.isfinite(delays).all():
        raise DefinitionError("a drawn delay is not finite", symbol="delay")
    return np.asarray(np.maximum(np.rint(delays / dt), 1.0) * dt, dtype=np.float64)


def _complete(kind: str, given: Mapping[str, float]) -> dict[str, float]:
    """All parameters of `kind` as finite floats, in the order of the table, defaults filled in."""
    required, optional = KINDS[kind]
    names = (*required, *optional)
    for name in given:
        if name not in names:
            raise DefinitionError(
                f"the distribution {kind} has no parameter {name!r}",
                symbol=name,
                remedy=f"its parameters are {', '.join(names)}",
            )
    missing = [name for name in required if name not in given]
    if missing:
        raise DefinitionError(
            f"the distribution {kind} lacks {', '.join(missing)}",
            symbol=missing[0],
            remedy=f"its parameters are {', '.join(names)}",
        )
    values = {**optional, **{name: float(value) for name, value in given.items()}}
    for name, value in values.items():
        bound = name in optional and not math.isnan(value)  # low = -inf means no bound
        _require(bound or math.isfinite(value), kind, name, f"is {value}")
    return {name: values[name] for name in names}


def _check_ranges(kind: str, p: Mapping[str, float]) -> None:
    if "low" in p:
        text = f"is not below high: {p['low']:g} >= {p['high']:g}"
        _require(p["low"] < p["high"], kind, "low", text)
    for name in ("std", "sigma"):
        if name in p:
            floor_is_open = kind == "truncated_normal"
            text = f"is {p[name]:g}; it must be {'above' if floor_is_open else 'at least'} 0"
            _require(p[name] > 0 or (p[name] == 0 and not floor_is_open), kind, name, text)
    if kind == "exponential":
        _require(p["mean"] > 0, kind, "mean", f"is {p['mean']:g}; it must be above 0")
        _require(math.isfinite(p["shift"]), kind, "shift", f"is {p['shift']}")


def _require(holds: bool, kind: str, name: str, text: str) -> None:
    if not holds:
        raise DefinitionError(
            f"{name} of the distribution {kind} {text}",
            symbol=name,
            remedy=f"the parameters of {kind} are {', '.join((*KINDS[kind][0], *KINDS[kind][1]))}",
        )


def _truncated_normal(
    mean: float, std: float, low: float, high: float, size: Size, rng: np.random.Generator
) -> Floats:
    """Inverse of the restricted distribution function, in logarithms so that far tails work.

    With a, b the standardised bounds and u uniform: x = Φ⁻¹((1 - u) Φ(a) + u Φ(b)). An interval to
    the right of the mean is mirrored to the left, where Φ keeps its digits.
    """
    from scipy.special import log_ndtr, ndtri_exp

    a, b = (low - mean) / std, (high - mean) / std
    mirrored = a > 0
    if mirrored:
        a, b = -b, -a
    u = rng.random(size)
    with np.errstate(divide="ignore"):  # log(0) = -inf is the bound itself
        z = ndtri_exp(np.logaddexp(np.log1p(-u) + log_ndtr(a), np.log(u) + log_ndtr(b)))
    x = mean - std * z if mirrored else mean + std * z
    return np.asarray(np.clip(x, low, high), dtype=np.float64)

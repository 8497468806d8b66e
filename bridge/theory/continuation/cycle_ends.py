"""Where branches of cycles end: at a Hopf point, at a homoclinic orbit, at a saddle-node."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cycles import Cycle
from ..newton import newton
from . import critical
from .collocation import Collocation
from .orbits import mean

Floats = NDArray[np.float64]
CLOSE = 0.05  # of the orbit's size: a fixed point that an orbit of long period touches


@dataclass(frozen=True)
class End:
    """``kind`` is ``"Hopf"``, ``"homoclinic"``, ``"saddle-node on the cycle"``, ``"limit"`` (of the
    parameter), ``"closed"``, ``"points"`` (as many as were asked for) or ``"no step"``.
    """

    kind: str
    parameter: float
    note: str = ""


def by_hopf(made: Collocation, z: Floats) -> tuple[End, Cycle | None]:
    """The Hopf point at which cycles as small as z vanish, and the cycle of no size there."""
    x, omega = mean(made, z), 2.0 * np.pi / float(np.exp(z[-2]))
    system, guess = critical.hopf(made.many, x, z[-1:], omega)
    found = system.solved(guess)
    if found is None or found[2 * len(x)] <= 0:
        return End("no step", float(z[-1]), "the cycle shrinks to a point"), None
    point, p = found[: len(x)], float(found[-1])
    period = 2.0 * np.pi / float(np.sqrt(found[2 * len(x)]))
    times = period * made.times()
    rest = np.tile(point, (len(times), 1))
    z = np.append(rest.ravel(), [np.log(period), p])
    return End("Hopf", p), Cycle(period, times, rest, made.multipliers(z))


def grown(made: Collocation, z: Floats) -> End:
    """What a cycle of a very long period comes close to."""
    u, p, period = made.nodes(z), float(z[-1]), float(np.exp(z[-2]))
    size = np.ptp(u, axis=0)
    field = made.many.at(p)
    slowest = u[int(np.argmin(np.linalg.norm(field.rates(u) / size, axis=1)))]
    near = [
        x for x in newton(field, slowest[None]) if np.abs((u - x) / size).max(axis=1).min() < CLOSE
    ]
    said = f"the period grows beyond {period:.4g} ms"
    if not near:
        return End("saddle-node on the cycle", p, f"{said}: it slows down where a fold is close")
    values = np.linalg.eigvals(field.jacobian(near[0]))
    ahead = int((values.real > 0).sum())
    where = ", ".join(f"{n} = {v:.6g}" for n, v in zip(field.names, near[0], strict=True))
    return End("homoclinic", p, f"{said}: next to a fixed point with {ahead} of {len(values)} "
               f"eigenvalues above 0 at {where}")  # fmt: skip

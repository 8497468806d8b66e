"""A network as a function of one of its parameters, for curves of fixed points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..definition.library import load
from ..definition.network import Network
from ..definition.values import Quantity
from ..errors import DefinitionError
from .field import Field
from .models import field_of

Floats = NDArray[np.float64]


@dataclass(eq=False)
class Family:
    """f(x, p): the vector field of ``network`` with its parameter ``name`` set to p.

    p is in the coherent set (ms, mV, pA, ...). Where all drawn numbers are affine in p, which is
    tried at three values, the field is interpolated; `check` compares it with the drawn one.
    """

    network: Network
    name: str
    _ends: tuple[float, Field, float, Field] | None = None

    def __post_init__(self) -> None:
        p = float(getattr(self.network.parameters[self.name], "number", np.nan))
        step = 0.1 * (1.0 + abs(p))
        ends = (p, self.drawn(p), step, self.drawn(p + step))
        if _same(_between(ends, p + 2 * step), self.drawn(p + 2 * step)):
            self._ends = ends

    def drawn(self, p: float) -> Field:
        """The vector field at ``p``, every number drawn."""
        old = self.network.parameters[self.name]
        assert isinstance(old, Quantity)
        value = Quantity(float(p), old.dimension)
        return field_of(self.network.with_parameters(**{self.name: value}))

    def at(self, p: float) -> Field:
        """The vector field at ``p``."""
        return self.drawn(p) if self._ends is None else _between(self._ends, float(p))

    def check(self, z: Floats) -> bool:
        """Whether the interpolated numbers at z are the drawn ones; else all are drawn from now."""
        fine = self._ends is None or _same(self.at(z[-1]), self.drawn(z[-1]))
        if not fine:
            self._ends = None
        return fine

    def rates(self, z: Floats) -> Floats:
        """f at z = (x, p)."""
        return self.at(z[-1]).rates(z[:-1])

    def extended(self, z: Floats) -> Floats:
        """(J, df/dp) at z, (n, n + 1); df/dp by central differences."""
        x, p = z[:-1], float(z[-1])
        step = 1e-6 * (1.0 + abs(p))
        by_p = (self.at(p + step).rates(x) - self.at(p - step).rates(x)) / (2.0 * step)
        return np.column_stack([self.at(p).jacobian(x), by_p])


def family(model: Any, parameter: str, **parameters: Any) -> Family:
    """``model`` as a function of the network parameter ``parameter``.

    Raises:
        DefinitionError: the network has no such parameter, or it is not one number.
    """
    network = load(model, **parameters)
    if not isinstance(network, Network) or parameter not in network.parameters:
        known = ", ".join(network.parameters) or "(none)"
        raise DefinitionError(
            f"there is no network parameter {parameter!r}",
            model=network.label,
            symbol=parameter,
            remedy=f"known are {known}",
        )
    if not isinstance(network.parameters[parameter], Quantity):
        raise DefinitionError(
            f"{parameter} is not one number",
            model=network.label,
            symbol=parameter,
            remedy="continue a parameter that has a number, e.g. an input or a weight",
        )
    return Family(network, parameter)


def _numbers(field: Field) -> list[Any]:
    """Every number of the field that a parameter can move."""
    found: list[Any] = []
    for block in field.blocks.values():
        found += [*block.fixed.values(), *block.inputs.values()]
    for c in field.couplings:
        found += [c.weights, *c.numbers.values()]
    return found


def _between(ends: tuple[float, Field, float, Field], p: float) -> Field:
    """The field whose numbers lie on the line through those of both ends."""
    first, a, step, b = ends
    share = (p - first) / step

    def line(x: Mapping[str, Any], y: Mapping[str, Any]) -> dict[str, Any]:
        return {n: v + share * (y[n] - v) for n, v in x.items()}

    blocks = {
        n: replace(k, fixed=line(k.fixed, q.fixed), inputs=line(k.inputs, q.inputs))
        for (n, k), q in zip(a.blocks.items(), b.blocks.values(), strict=True)
    }
    couplings = tuple(
        replace(
            c,
            weights=c.weights + share * (d.weights - c.weights),
            numbers=line(c.numbers, d.numbers),
        )
        for c, d in zip(a.couplings, b.couplings, strict=True)
    )
    return replace(a, blocks=blocks, couplings=couplings)


def _same(a: Field, b: Field) -> bool:
    pairs = zip(_numbers(a), _numbers(b), strict=True)
    return all(np.allclose(x, y, rtol=1e-12, atol=1e-12) for x, y in pairs)

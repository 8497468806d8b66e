"""A network as a function of some of its parameters, for curves of fixed points and of cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.library import load
from ...definition.network import Network
from ...definition.values import Quantity
from ...errors import DefinitionError
from ..field import Field
from ..fixedpoints import bounds
from ..models import field_of

Floats = NDArray[np.float64]
Ends = tuple[Floats, Floats, Field, tuple[Field, ...]]  # values, steps, field there, one per step
KEPT = 16  # fields
STEP = 1e-6  # of a parameter, relative to 1 + |p|, for differences


@dataclass(eq=False)
class Family:
    """f(x, p): the vector field of ``network`` with its parameters ``names`` set to p.

    p is in the coherent set (ms, mV, pA, ...). Where all drawn numbers are affine in p, which is
    tried away from where they were drawn, the field is interpolated; `check` compares it with the
    drawn one. z = (x, p) below, p last.
    """

    network: Network
    names: tuple[str, ...]
    _ends: Ends | None = None
    _kept: dict[tuple[float, ...], Field] = field(default_factory=dict)  # the last ones

    def __post_init__(self) -> None:
        p = self.own
        steps = 0.1 * (1.0 + np.abs(p))
        moved = tuple(self.drawn(*row) for row in p + np.diag(steps))
        ends = (p, steps, self.drawn(*p), moved)
        if _same(_between(ends, p + 2 * steps), self.drawn(*(p + 2 * steps))):
            self._ends = ends

    @property
    def own(self) -> Floats:
        """The values that the network itself gives the parameters."""
        values = [self.network.parameters[n] for n in self.names]
        return np.array([float(getattr(v, "number", np.nan)) for v in values])

    def drawn(self, *p: float) -> Field:
        """The vector field at ``p``, every number drawn."""
        changed: dict[str, Quantity] = {}
        for name, value in zip(self.names, p, strict=True):
            old = self.network.parameters[name]
            assert isinstance(old, Quantity)
            changed[name] = Quantity(float(value), old.dimension)
        return field_of(self.network.with_parameters(**changed))

    def at(self, *p: float) -> Field:
        """The vector field at ``p``."""
        found = self._kept.get(p)
        if found is None:
            found = self.drawn(*p) if self._ends is None else _between(self._ends, np.array(p))
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[p] = found
        return found

    def split(self, z: Floats) -> tuple[Floats, Floats]:
        """x and p of z."""
        m = len(self.names)
        return z[:-m], z[-m:]

    def check(self, z: Floats) -> bool:
        """Whether the interpolated numbers at z are the drawn ones; else all are drawn from now."""
        p = self.split(z)[1]
        fine = self._ends is None or _same(self.at(*p), self.drawn(*p))
        if not fine:
            self._ends = None
            self._kept.clear()
        return fine

    def rates(self, z: Floats) -> Floats:
        """f at z."""
        x, p = self.split(z)
        return self.at(*p).rates(x)

    def by_parameters(self, x: Floats, p: Floats) -> Floats:
        """df/dp by central differences, (..., n, m), for x of shape (..., n)."""
        found = []
        for k in range(len(p)):
            step = np.zeros(len(p))
            step[k] = STEP * (1.0 + abs(p[k]))
            more, less = self.at(*(p + step)).rates(x), self.at(*(p - step)).rates(x)
            found.append((more - less) / (2.0 * step[k]))
        return np.stack(found, axis=-1)

    def extended(self, z: Floats) -> Floats:
        """(J, df/dp) at z, (n, n + m)."""
        x, p = self.split(z)
        return np.column_stack([self.at(*p).jacobian(x), self.by_parameters(x, p)])


def family(model: Any, *names: str, **parameters: Any) -> Family:
    """``model`` as a function of its network parameters ``names``.

    Raises:
        DefinitionError: the network has no such parameter, it is not one number, or it is named
            twice.
    """
    network = load(model, **parameters)
    if len(set(names)) < len(names):
        raise DefinitionError(
            f"{names[0]} cannot vary against itself",
            model=network.label,
            symbol=names[0],
            remedy="give two different parameters",
        )
    for name in names:
        _check(network, name)
    return Family(network, names)


def _check(network: Any, name: str) -> None:
    """Whether ``name`` is a parameter of the network that is one number."""
    if not isinstance(network, Network) or name not in network.parameters:
        known = ", ".join(getattr(network, "parameters", ())) or "(none)"
        raise DefinitionError(
            f"there is no network parameter {name!r}",
            model=network.label,
            symbol=name,
            remedy=f"known are {known}",
        )
    if not isinstance(network.parameters[name], Quantity):
        raise DefinitionError(
            f"{name} is not one number",
            model=network.label,
            symbol=name,
            remedy="continue a parameter that has a number, e.g. an input or a weight",
        )


def interval(model: Any, name: str, limits: Sequence[float]) -> tuple[float, float]:
    """``limits`` as (low, high).

    Raises:
        DefinitionError: they are none.
    """
    low, high = (float(v) for v in limits)
    if not low < high:
        raise DefinitionError(
            f"{low:g} to {high:g} is no interval",
            model=str(getattr(model, "label", model)),
            symbol=name,
            remedy="give limits=(low, high)",
        )
    return low, high


def reach(many: Family, at: Sequence[Sequence[float]], box: Any) -> Floats:
    """How far apart fixed points can lie, per state: what steps are measured in."""
    boxes = [bounds(many.at(*p), box) for p in at]
    low, high = np.min([b[0] for b in boxes], axis=0), np.max([b[1] for b in boxes], axis=0)
    return np.asarray(np.maximum(high - low, 1e-6 * (1.0 + np.abs(high))))


def _numbers(field: Field) -> list[Any]:
    """Every number of the field that a parameter can move."""
    found: list[Any] = []
    for block in field.blocks.values():
        found += [*block.fixed.values(), *block.inputs.values()]
    for c in field.couplings:
        found += [c.weights, *c.numbers.values()]
    return found


def _between(ends: Ends, p: Floats) -> Field:
    """The field whose numbers lie on the plane through those that were drawn."""
    first, steps, a, moved = ends
    shares = [float(s) for s in (p - first) / steps]

    def plane(x: Any, others: Sequence[Any]) -> Any:
        return x + sum(s * (y - x) for s, y in zip(shares, others, strict=True))

    def all_of(x: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {n: plane(v, [o[n] for o in others]) for n, v in x.items()}

    blocks = {
        n: replace(
            k,
            fixed=all_of(k.fixed, [b.blocks[n].fixed for b in moved]),
            inputs=all_of(k.inputs, [b.blocks[n].inputs for b in moved]),
        )
        for n, k in a.blocks.items()
    }
    couplings = tuple(
        replace(
            c,
            weights=plane(c.weights, [b.couplings[k].weights for b in moved]),
            numbers=all_of(c.numbers, [b.couplings[k].numbers for b in moved]),
        )
        for k, c in enumerate(a.couplings)
    )
    return replace(a, blocks=blocks, couplings=couplings)


def _same(a: Field, b: Field) -> bool:
    pairs = zip(_numbers(a), _numbers(b), strict=True)
    return all(np.allclose(x, y, rtol=1e-12, atol=1e-12) for x, y in pairs)

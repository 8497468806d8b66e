"""Normal forms as definitions: one unit whose states follow the given equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spikebridge import Neuron, load


def system(rates: Mapping[str, str], **parameters: float) -> Any:
    """d state/dt of each state, per ms, with network parameters of one number each."""
    equations = "\n".join(f"d{s}/dt = ({f})/(1*ms) : 1" for s, f in rates.items())
    unit = Neuron(equations, parameters=parameters, name="form")
    cells = {"neuron": unit, "size": 1, "parameters": {n: n for n in parameters}}
    return load(
        {
            "kind": "network",
            "name": "form",
            "parameters": dict(parameters),
            "populations": {"A": cells},
            "recordings": {"r": {"population": "A", "variables": [next(iter(rates))]}},
            "run": {"dt": "0.1 ms", "duration": "1 ms"},
        }
    )


BAUTIN = {
    "x": "(b1 + b2*(x**2 + y**2) - (x**2 + y**2)**2)*x - y",
    "y": "(b1 + b2*(x**2 + y**2) - (x**2 + y**2)**2)*y + x",
}
CUSP = {"x": "b1 + b2*x - x**3"}
BOGDANOV_TAKENS = {"x": "y", "y": "b1 + b2*x + x**2 - x*y"}
ZERO_HOPF = {
    "x": "b1 + x**2",
    "y": "(b2 + x - y**2 - z**2)*y - z",
    "z": "(b2 + x - y**2 - z**2)*z + y",
}
DOUBLE_HOPF = {
    "x": "(b1 - x**2 - y**2)*x - y",
    "y": "(b1 - x**2 - y**2)*y + x",
    "u": "(b2 - u**2 - v**2)*u - 1.7*v",
    "v": "(b2 - u**2 - v**2)*v + 1.7*u",
}
BOX = dict.fromkeys("xyuvz", (-1.3, 1.2))


def box_of(rates: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    return {s: BOX[s] for s in rates}

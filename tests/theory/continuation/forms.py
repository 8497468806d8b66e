"""Normal forms as definitions: one unit whose states follow the given equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spikebridge import Neuron, load


def system(
    rates: Mapping[str, str], start: Mapping[str, float] | None = None, **parameters: float
) -> Any:
    """d state/dt of each state, per ms, with network parameters of one number each."""
    equations = "\n".join(f"d{s}/dt = ({f})/(1*ms) : 1" for s, f in rates.items())
    unit = Neuron(equations, parameters=parameters, name="form")
    cells = {"neuron": unit, "size": 1, "parameters": {n: n for n in parameters}}
    cells |= {"initial": dict(start or {})}
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
SADDLE_NODE_ON_A_CIRCLE = {
    "x": "x*(1 - x**2 - y**2) - y*(b1 + x)",
    "y": "y*(1 - x**2 - y**2) + x*(b1 + x)",
}


def around_a_circle(away: str, up: str) -> dict[str, str]:
    """The unit circle, once in 2 pi, with given rates of the distance d from it and of z."""
    d, cosine, sine = "(sqrt(x**2 + y**2) - 1)", "(x/sqrt(x**2 + y**2))", "(y/sqrt(x**2 + y**2))"
    f, g = (
        text.replace("d", d).replace("cosine", cosine).replace("sine", sine) for text in (away, up)
    )
    return {"x": f"({f})*{cosine} - y", "y": f"({f})*{sine} + x", "z": g}


# multipliers -exp(2 pi b1) and -exp(-2 pi): what decays turns by half a turn on the way
PERIOD_DOUBLING = around_a_circle(
    "((b1 - 1)/2 + (b1 + 1)/2*cosine)*d + ((b1 + 1)/2*sine - 0.5)*z",
    "((b1 + 1)/2*sine + 0.5)*d + ((b1 - 1)/2 - (b1 + 1)/2*cosine)*z",
)
TORUS = around_a_circle("b1*d - 0.3*z", "0.3*d + b1*z")  # multipliers exp(2 pi (b1 +- 0.3i))
BOX = dict.fromkeys("xyuvz", (-1.3, 1.2))


def box_of(rates: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    return {s: BOX[s] for s in rates}


def _hodgkin_huxley() -> dict[str, str]:
    """The squid's axon with rest at 0 mV: v in mV, I in uA/cm2, k for the potassium's n."""
    up = {"m": "1/exprel((25 - v)/10)", "h": "0.07*exp(-v/20)", "k": "0.1/exprel((10 - v)/10)"}
    down = {"m": "4*exp(-v/18)", "h": "1/(exp((30 - v)/10) + 1)", "k": "0.125*exp(-v/80)"}
    currents = "120*m**3*h*(v - 115) - 36*k**4*(v + 12) - 0.3*(v - 10.599)"
    return {"v": f"I - {currents}"} | {s: f"{up[s]}*(1 - {s}) - {down[s]}*{s}" for s in up}


HODGKIN_HUXLEY = _hodgkin_huxley()

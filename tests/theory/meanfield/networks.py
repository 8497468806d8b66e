"""Networks of the mean-field tests."""

from __future__ import annotations

from typing import Any

LINEAR = {
    "kind": "neuron",
    "title": "Linear unit",
    "equations": "tau*dr/dt = -r + x + I_ext : 1",
    "parameters": {"tau": "10 ms"},
    "ports": {
        "x": {"unit": "1", "kind": "continuous"},
        "I_ext": {"unit": "1", "kind": "continuous"},
    },
}
OWN_INPUT = {
    **LINEAR,
    "equations": "tau*dr/dt = -r + x + I_ext + c : 1",
    "parameters": {"tau": "10 ms", "c": 0},
}
K, J = 20, 0.03


def linear(rule: Any = None, *, weight: Any = J, **more: Any) -> dict[str, Any]:
    """Linear units: what they do is known in closed form."""
    chosen = rule or {"kind": "fixed_probability", "p": "20/N", "autapses": False}
    return {
        "kind": "network",
        "title": "linear",
        "parameters": {"N": 1000},
        "populations": {"units": {"neuron": LINEAR, "size": "N", **more.get("population", {})}},
        "projections": {
            "J": {
                "pre": "units",
                "post": "units",
                "port": "x",
                "rule": chosen,
                "weight": weight,
                "delay": more.get("delay", "0 ms"),
                "synapse": {"kind": "synapse", "coupling": "weight*r_pre"},
            }
        },
        "stimuli": {
            "drive": {
                "kind": "current",
                "population": "units",
                "port": "I_ext",
                **more.get("drive", {"amplitude": 2}),
            }
        },
        "run": {"dt": "0.5 ms", "duration": more.get("duration", "100 ms"), "scheme": "exact"},
    }


def binary(dt: str = "0.5 ms") -> dict[str, Any]:
    """Two populations of stochastic binary units, fixed in-degrees, delay of one step."""
    numbers = {"tau_m": "10 ms", "c_1": 0, "c_2": 1, "c_3": 0.5, "theta": 1}
    projections = {
        f"{post}{pre}": {
            "pre": pre,
            "post": post,
            "port": "x_syn",
            "synapse": "synapses/graded",
            "rule": {
                "kind": "fixed_indegree",
                "indegree": degree,
                "autapses": False,
                "multapses": False,
            },
            "weight": weight,
            "delay": dt,
        }
        for pre, degree, weight in (("E", 100, 0.15), ("I", 25, -0.75))
        for post in "EI"
    }
    return {
        "kind": "network",
        "title": "binary",
        "populations": {
            name: {"neuron": "binary/ginzburg", "size": size, "parameters": numbers}
            for name, size in (("E", 1000), ("I", 250))
        },
        "projections": projections,
        "run": {"dt": dt, "duration": "1 s"},
    }

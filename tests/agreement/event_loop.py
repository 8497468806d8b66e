"""Synaptic rules as a plain loop over events, written from the papers, one synapse at a time.

Nothing here comes from spikebridge: between events each rule uses the solution of its equations by
hand, in the form in which it would be written on paper. Times are whole steps.

A synapse lies ``axonal`` steps behind the presynaptic and ``dendritic`` steps before the
postsynaptic neuron: spikes reach it at p + axonal and q + dendritic, what it delivers arrives
``dendritic`` steps later. With ``dendritic`` = 0 a presynaptic spike acts at the end of the step
before, ahead of whatever else is stamped with its arrival.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from math import exp
from typing import Any

import numpy as np

READ, PRE, POST, THIRD = "read", "pre", "post", "third"


class Rule:
    """States are attributes; parameters (ms, mV) are in ``p``."""

    states: tuple[str, ...] = ()

    def __init__(self, parameters: Mapping[str, float], initial: Mapping[str, float]) -> None:
        self.p = parameters
        for name in self.states:
            setattr(self, name, float(initial[name]))

    def wait(self, t: float) -> None:
        """``t`` ms without an event."""

    def pre(self, other: Any) -> float:
        """A presynaptic spike, which sees the postsynaptic traces of ``other``; what it sends."""
        raise NotImplementedError

    def post(self, other: Any) -> None:
        """A postsynaptic spike, which sees the presynaptic traces of ``other``."""

    def third(self) -> None:
        """A third factor."""


def clipped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def moved(state: Sequence[float], slope: Sequence[float], h: float) -> tuple[float, ...]:
    return tuple(a + h * b for a, b in zip(state, slope, strict=True))


class Depression(Rule):
    states = ("R",)
    R: float

    def wait(self, t: float) -> None:
        self.R = 1 - (1 - self.R) * exp(-t / self.p["tau_d"])

    def pre(self, other: Any) -> float:
        sent = self.p["U"] * self.R
        self.R -= sent
        return sent


class Facilitation(Rule):
    states = ("u",)
    u: float

    def wait(self, t: float) -> None:
        self.u = self.p["U"] + (self.u - self.p["U"]) * exp(-t / self.p["tau_f"])

    def pre(self, other: Any) -> float:
        sent = self.u
        self.u += self.p["U"] * (1 - self.u)
        return sent


class TsodyksMarkram(Rule):
    states = ("u", "R")
    u: float
    R: float

    def wait(self, t: float) -> None:
        rest = self.p["u_rest"]
        self.u = rest + (self.u - rest) * exp(-t / self.p["tau_f"])
        self.R = 1 - (1 - self.R) * exp(-t / self.p["tau_d"])

    def pre(self, other: Any) -> float:
        before = self.u
        self.u = before + self.p["U"] * (1 - before)
        sent = (self.u if self.p["jump_first"] == 1 else before) * self.R
        self.R -= sent
        return sent


class Pair(Rule):
    states = ("x", "y", "w")
    x: float
    y: float
    w: float

    def wait(self, t: float) -> None:
        self.x *= exp(-t / self.p["tau_plus"])
        self.y *= exp(-t / self.p["tau_minus"])

    def pre(self, other: Any) -> float:
        change = self.p["A_minus"] * self.w ** self.p["mu_minus"] * other.y
        self.w = clipped(self.w - change, 0, 1)
        self.x = 1 if self.p["nearest"] == 1 else self.x + 1
        return self.w

    def post(self, other: Any) -> None:
        change = self.p["A_plus"] * (1 - self.w) ** self.p["mu_plus"] * other.x
        self.w = clipped(self.w + change, 0, 1)
        self.y = 1 if self.p["nearest"] == 1 else self.y + 1


class Triplet(Rule):
    states = ("r_1", "r_2", "o_1", "o_2", "w")
    r_1: float
    r_2: float
    o_1: float
    o_2: float
    w: float

    def wait(self, t: float) -> None:
        self.r_1 *= exp(-t / self.p["tau_plus"])
        self.r_2 *= exp(-t / self.p["tau_x"])
        self.o_1 *= exp(-t / self.p["tau_minus"])
        self.o_2 *= exp(-t / self.p["tau_y"])

    def pre(self, other: Any) -> float:
        change = other.o_1 * (self.p["A2_minus"] + self.p["A3_minus"] * self.r_2)
        self.w = clipped(self.w - change, 0, self.p["w_max"])
        self.r_1 += 1
        self.r_2 += 1
        return self.w

    def post(self, other: Any) -> None:
        change = other.r_1 * (self.p["A2_plus"] + self.p["A3_plus"] * self.o_2)
        self.w = clipped(self.w + change, 0, self.p["w_max"])
        self.o_1 += 1
        self.o_2 += 1


class Hebb(Rule):
    states = ("r_pre", "r_post", "w")
    r_pre: float
    r_post: float
    w: float

    def wait(self, t: float) -> None:
        forget, pair = self.p["eta"] * self.p["alpha"], 2 / self.p["tau_r"]
        product = self.p["eta"] * self.r_pre * self.r_post
        grown = product * (exp(-pair * t) - exp(-forget * t)) / (forget - pair)
        self.w = self.w * exp(-forget * t) + grown
        self.r_pre *= exp(-t / self.p["tau_r"])
        self.r_post *= exp(-t / self.p["tau_r"])

    def pre(self, other: Any) -> float:
        self.r_pre += 1 / self.p["tau_r"]
        return self.w

    def post(self, other: Any) -> None:
        self.r_post += 1 / self.p["tau_r"]


class Inhibitory(Rule):
    states = ("x_pre", "x_post", "w")
    x_pre: float
    x_post: float
    w: float

    def wait(self, t: float) -> None:
        self.x_pre *= exp(-t / self.p["tau"])
        self.x_post *= exp(-t / self.p["tau"])

    def pre(self, other: Any) -> float:
        change = self.p["eta"] * (other.x_post - self.p["alpha"])
        self.w = clipped(self.w + change, 0, self.p["w_max"])
        self.x_pre += 1
        return self.w

    def post(self, other: Any) -> None:
        self.w = clipped(self.w + self.p["eta"] * other.x_pre, 0, self.p["w_max"])
        self.x_post += 1


class Eligibility(Rule):
    states = ("x", "y", "c", "d", "w")
    x: float
    y: float
    c: float
    d: float
    w: float

    def wait(self, t: float) -> None:
        rate = 1 / self.p["tau_c"] + 1 / self.p["tau_d"]
        self.w += self.c * self.d * (1 - exp(-rate * t)) / rate
        self.x *= exp(-t / self.p["tau_plus"])
        self.y *= exp(-t / self.p["tau_minus"])
        self.c *= exp(-t / self.p["tau_c"])
        self.d *= exp(-t / self.p["tau_d"])

    def pre(self, other: Any) -> float:
        self.c -= self.p["A_minus"] * other.y
        self.x += 1
        return self.w

    def post(self, other: Any) -> None:
        self.c += self.p["A_plus"] * other.x
        self.y += 1

    def third(self) -> None:
        self.d += self.p["d_reward"]


class Clopath(Rule):
    """No solution by hand: Runge-Kutta in steps of dt, the potential held over each (see `trace`).

    ``voltage[k]`` is the postsynaptic potential at step k; ``wait`` is called step by step.
    """

    states = ("x", "u_minus", "u_plus", "w")
    x: float
    u_minus: float
    u_plus: float
    w: float
    voltage: Sequence[float]
    step = 0

    def wait(self, t: float) -> None:
        for _ in range(round(t / 0.1)):
            self._one(self.voltage[self.step], 0.1)
            self.step += 1

    def _one(self, v: float, h: float) -> None:
        start = (self.x, self.u_minus, self.u_plus, self.w)
        k1 = self._slope(start, v)
        k2 = self._slope(moved(start, k1, h / 2), v)
        k3 = self._slope(moved(start, k2, h / 2), v)
        k4 = self._slope(moved(start, k3, h), v)
        mean = tuple((a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(k1, k2, k3, k4, strict=True))
        self.x, self.u_minus, self.u_plus, self.w = moved(start, mean, h)

    def _slope(self, state: Sequence[float], v: float) -> tuple[float, ...]:
        x, low, high, _ = state
        p = self.p
        above = max(v - p["theta_plus"], 0) * max(high - p["theta_minus"], 0)
        return (
            -x / p["tau_x"],
            (v - low) / p["tau_minus"],
            (v - high) / p["tau_plus"],
            p["A_LTP"] * x * above,
        )

    def pre(self, other: Any) -> float:
        change = self.p["A_LTD"] * max(self.u_minus - self.p["theta_minus"], 0)
        self.w = clipped(self.w - change, self.p["w_min"], self.p["w_max"])
        self.x += 1 / self.p["tau_x"]
        return self.w


RULES: Mapping[str, type[Rule]] = {
    "depression": Depression,
    "facilitation": Facilitation,
    "tsodyks_markram": TsodyksMarkram,
    "stdp_pair": Pair,
    "stdp_triplet": Triplet,
    "hebbian": Hebb,
    "inhibitory_stdp": Inhibitory,
    "eligibility": Eligibility,
    "clopath": Clopath,
}


def trace(
    rule: Rule,
    pre: Sequence[int],
    post: Sequence[int],
    third: Sequence[int],
    reads: Sequence[int],
    *,
    axonal: int,
    dendritic: int,
    coincident: str,
    dt: float = 0.1,
) -> tuple[np.ndarray, np.ndarray]:
    """States (reads, states) and the sum of what has arrived at the neuron (reads,).

    ``coincident``: "post first", "pre first" or "simultaneous": then the second of two spikes sees
    the other side's traces as they were before the first.
    """
    order = {READ: 0, POST: 1, PRE: 2, THIRD: 3}
    if coincident == "pre first":
        order = {READ: 0, PRE: 1, POST: 2, THIRD: 3}
    if dendritic == 0:
        order[PRE] = -1
    events = [(p + axonal, order[PRE], PRE) for p in pre]
    events += [(q + dendritic, order[POST], POST) for q in post]
    events += [(s, order[THIRD], THIRD) for s in third]
    events += [(s, order[READ], READ) for s in reads]
    now, last, before = 0, reads[-1], rule
    spiked: tuple[int, str] = (-1, "")
    states, sent = [], []
    for step, _, kind in sorted(events):
        if step > last:
            break
        rule.wait((step - now) * dt)
        now = step
        if kind == READ:
            states.append([getattr(rule, name) for name in rule.states])
            continue
        if kind == THIRD:
            rule.third()
            continue
        apart = coincident == "simultaneous" and spiked[0] == step and spiked[1] != kind
        other = before if apart else rule
        before, spiked = copy.copy(rule), (step, kind)
        if kind == PRE:
            sent.append((step + dendritic, rule.pre(other)))
        else:
            rule.post(other)
    due, sizes = np.array(sent, dtype=float).reshape(-1, 2).T
    total = np.concatenate([[0.0], np.cumsum(sizes)])
    return np.array(states), total[np.searchsorted(due, reads, side="right")]

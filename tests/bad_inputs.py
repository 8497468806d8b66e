"""Wrong inputs: what is changed in a network that works, and the one line that says so."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

EQUATIONS = """
tau_m*dV/dt = E_L - V + R*(I_syn + I_ext) : mV
dI_syn/dt = -I_syn/tau_s : pA
drive = R*I_syn : mV
"""
NEURON: dict[str, Any] = {
    "kind": "neuron",
    "name": "cell",
    "equations": EQUATIONS,
    "parameters": {
        "tau_m": "20 ms",
        "tau_s": "5 ms",
        "E_L": "-65 mV",
        "R": "0.1 GOhm",
        "V_th": "-50 mV",
        "V_reset": "-65 mV",
        "t_ref": "2 ms",
    },
    "initial": {"V": "E_L"},
    "ports": {
        "syn": {"unit": "pA", "receive": "I_syn += weight"},
        "I_ext": {"unit": "pA", "kind": "continuous"},
    },
    "spike": {
        "condition": "V >= V_th",
        "effects": "V = V_reset",
        "refractory": {"period": "t_ref", "clamp": ["V"]},
    },
}
NETWORK: dict[str, Any] = {
    "kind": "network",
    "name": "net",
    "parameters": {"J": "40 pA", "n": 10},
    "populations": {"A": {"neuron": NEURON, "size": "n"}},
    "stimuli": {
        "noise": {"kind": "poisson", "size": "n", "rate": "500 Hz"},
        "step": {
            "kind": "current",
            "population": "A",
            "port": "I_ext",
            "amplitude": "100 pA",
            "start": "1 ms",
            "stop": "5 ms",
        },
    },
    "projections": {
        "AA": {
            "pre": "A",
            "post": "A",
            "port": "syn",
            "rule": {"kind": "fixed_probability", "p": 0.5},
            "weight": "J",
            "delay": "1 ms",
        },
        "in": {
            "pre": "noise",
            "post": "A",
            "port": "syn",
            "rule": {"kind": "one_to_one"},
            "weight": "J",
            "delay": "1 ms",
        },
    },
    "recordings": {"v": {"population": "A", "variables": ["V"], "units": [0, 1]}},
    "run": {"dt": "0.1 ms", "duration": "10 ms", "seed": 1},
}
CELL = "populations.A.neuron"


@dataclass(frozen=True)
class Bad:
    """``changes``: dotted path -> new value (None removes it); ``run``: settings of simulate."""

    name: str
    error: str
    changes: dict[str, Any] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    text: str = ""  # TOML instead of a change

    def content(self) -> dict[str, Any]:
        """The network with its mistake."""
        found = copy.deepcopy(NETWORK)
        for path, value in self.changes.items():
            *folders, last = path.split("/") if "/" in path else path.split(".")
            place = found
            for folder in folders:
                place = place[folder]
            if value is None:
                del place[last]
            else:
                place[last] = value
        return found


def _equations(old: str, new: str) -> dict[str, Any]:
    assert old in EQUATIONS
    return {f"{CELL}.equations": EQUATIONS.replace(old, new)}


def _rule(**entries: Any) -> dict[str, Any]:
    return {"projections.AA.rule": entries}


TABLE = [
    # expressions
    Bad(
        "undefined symbol",
        "cell, in `tau_m*dV/dt = E_LL - V + R*(I_syn + I_ext) : mV`, at `E_LL`: 'E_LL' is"
        " not defined; did you mean E_L?",
        _equations("E_L - V", "E_LL - V"),
    ),
    Bad(
        "attribute",
        "cell, in `tau_m*dV/dt = E_L.real - V + R*(I_syn + I_ext) : mV`, at `E_L.real`: "
        "attributes are not allowed; write plain names",
        _equations("E_L - V", "E_L.real - V"),
    ),
    Bad(
        "subscript",
        "cell, in `tau_m*dV/dt = E_L[0] - V + R*(I_syn + I_ext) : mV`, at `E_L[0]`: "
        "subscripts are not allowed; write plain names",
        _equations("E_L - V", "E_L[0] - V"),
    ),
    Bad(
        "unknown call",
        "cell, in `tau_m*dV/dt = system(E_L) - V + R*(I_syn + I_ext) : mV`, at "
        "`system(E_L)`: unknown function 'system'; known are exp, log, log10, expm1, "
        "exprel, sqrt, abs, sign, sin, cos, tan, sinh, cosh, tanh, arctan, floor, ceil, "
        "int, min, max, clip",
        _equations("E_L - V", "system(E_L) - V"),
    ),
    Bad(
        "call of an attribute",
        "cell, in `tau_m*dV/dt = ().__class__() - V + R*(I_syn + I_ext) : mV`, at "
        "`().__class__()`: this call is not allowed; known are exp, log, log10, expm1, "
        "exprel, sqrt, abs, sign, sin, cos, tan, sinh, cosh, tanh, arctan, floor, ceil, "
        "int, min, max, clip",
        _equations("E_L - V", "().__class__() - V"),
    ),
    Bad(
        "text in an expression",
        "cell, in `tau_m*dV/dt = 'E_L' - V + R*(I_syn + I_ext) : mV`, at `'E_L'`: only "
        "numbers are allowed; write names without quotes",
        _equations("E_L - V", "'E_L' - V"),
    ),
    Bad(
        "lambda",
        "cell, in `tau_m*dV/dt = (lambda: 1)() - V + R*(I_syn + I_ext) : mV`, at "
        "`(lambda: 1)()`: this call is not allowed; known are exp, log, log10, expm1, "
        "exprel, sqrt, abs, sign, sin, cos, tan, sinh, cosh, tanh, arctan, floor, ceil, "
        "int, min, max, clip",
        _equations("E_L - V", "(lambda: 1)() - V"),
    ),
    Bad(
        "wrong number of arguments",
        "cell, in `tau_m*dV/dt = clip(E_L, V) - V + R*(I_syn + I_ext) : mV`, at "
        "`clip(E_L, V)`: clip() takes 3 arguments, not 2; give it 3 arguments",
        _equations("E_L - V", "clip(E_L, V) - V"),
    ),
    Bad(
        "unbalanced bracket",
        "cell, in `tau_m*dV/dt = E_L - V + R*(I_syn + I_ext : mV`, at `(`: the brackets "
        "do not pair up; close every bracket that is opened",
        _equations("R*(I_syn + I_ext)", "R*(I_syn + I_ext"),
    ),
    Bad(
        "two operators",
        "cell, in `tau_m*dV/dt = E_L - * V + R*(I_syn + I_ext) : mV`: not an expression "
        "(invalid syntax); write it as Brian2 does, e.g. (E_L - V)/tau_m",
        _equations("E_L - V", "E_L - * V"),
    ),
    Bad(
        "integer division",
        "cell, in `dI_syn/dt = -I_syn//tau_s : pA`, at `-I_syn // tau_s`: this operator "
        "is not allowed; use + - * / ** or %",
        _equations("-I_syn/tau_s", "-I_syn//tau_s"),
    ),
    # equations
    Bad(
        "no unit",
        "cell, in `dI_syn/dt = -I_syn/tau_s`: an equation has no unit; end it with a "
        "colon and its unit, e.g. `dV/dt = -V/tau : mV`",
        _equations(" : pA", ""),
    ),
    Bad(
        "defined twice",
        "cell, line 4, at `I_syn`: 'I_syn' is defined twice (equation lines 3 and 4); "
        "remove one of the two",
        _equations("drive = ", "I_syn = "),
    ),
    Bad(
        "subexpressions in a circle",
        "cell, at `drive`: the subexpressions drive are defined by each other; write one "
        "of them without the other",
        _equations("drive = R*I_syn", "drive = 2*drive"),
    ),
    Bad(
        "left side",
        "cell, in `2*drive = R*I_syn : mV`: the left side '2*drive' is neither a name nor"
        " a derivative; write `dx/dt = ... : unit` or `x = ... : unit`",
        _equations("drive =", "2*drive ="),
    ),
    Bad(
        "derivative of a parameter",
        "cell, at `tau_m`: 'tau_m' is defined twice; rename or remove one of the two",
        _equations("drive = R*I_syn : mV", "dtau_m/dt = 1 : ms"),
    ),
    Bad(
        "name with a fixed meaning",
        "cell, at `dt`: 'dt' has a fixed meaning and cannot be redefined; choose another name",
        _equations("drive =", "dt ="),
    ),
    Bad(
        "parameter named lambda",
        "cell, at `lambda`: 'lambda' is a word of Python and cannot be a name; call it "
        "lambda_ or lambda_0",
        {f"{CELL}.parameters.lambda": 1.0},
    ),
    Bad(
        "nothing but text",
        "cell, in `hello world`: an equation has no unit; end it with a colon and its "
        "unit, e.g. `dV/dt = -V/tau : mV`",
        {f"{CELL}.equations": "hello world"},
    ),
    # units
    Bad(
        "unit mismatch in a sum",
        "cell, in `tau_m*dV/dt = E_L - I_syn + R*(I_syn + I_ext) : mV`, at `E_L - I_syn`:"
        " cannot subtract pA (I_syn) from mV (E_L); give both the same unit",
        _equations("E_L - V", "E_L - I_syn"),
    ),
    Bad(
        "unit mismatch of a derivative",
        "cell, in `dI_syn/dt = -I_syn : pA`, at `I_syn`: the right side has the unit pA, "
        "but dI_syn/dt needs pA/ms; check the units of the terms, or the unit after the "
        "colon",
        _equations("-I_syn/tau_s", "-I_syn"),
    ),
    Bad(
        "unit of a parameter",
        "cell, in `tau_m*dV/dt = E_L - V + R*(I_syn + I_ext) : mV`, at `V`: the right "
        "side has the unit mV, but tau_m*dV/dt needs mV**2/ms; check the units of the "
        "terms, or the unit after the colon",
        {f"{CELL}.parameters.tau_m": "20 mV"},
    ),
    Bad(
        "parameter without its unit",
        "cell, in `tau_m*dV/dt = E_L - V + R*(I_syn + I_ext) : mV`, at `E_L - V`: cannot "
        "subtract mV (V) from a plain number (E_L); give both the same unit",
        {f"{CELL}.parameters.E_L": -65},
    ),
    Bad(
        "unknown unit",
        "cell, in `tau_m = 20 msec`, at `msec`: unknown unit 'msec'; did you mean "
        "msecond, ms, second?",
        {f"{CELL}.parameters.tau_m": "20 msec"},
    ),
    Bad(
        "unknown unit in an equation",
        "cell, in `dI_syn/dt = -I_syn/tau_s : pAmp`, at `pAmp`: unknown unit 'pAmp'; did "
        "you mean pamp, pm, pA?",
        _equations(" : pA", " : pAmp"),
    ),
    Bad(
        "exponential of a voltage",
        "cell, in `drive = mV*exp(V) : mV`, at `exp(V)`: exp() needs a number without "
        "unit, not mV; divide by a quantity of the same unit",
        _equations("drive = R*I_syn", "drive = mV*exp(V)"),
    ),
    Bad(
        "unit of an exponent",
        "cell, in `drive = mV*2**V : mV`, at `2 ** V`: the exponent has the unit mV; "
        "divide it by a quantity of the same unit",
        _equations("drive = R*I_syn", "drive = mV*2**V"),
    ),
    Bad(
        "unit of a weight",
        "net, at `AA.weight`: AA.weight has the unit mV where pA is needed; give it in pA",
        {"projections.AA.weight": "0.5 mV"},
    ),
    Bad(
        "unit of a delay",
        "net, at `AA.delay`: AA.delay has the unit mV where ms is needed; give it in ms",
        {"projections.AA.delay": "1 mV"},
    ),
    Bad(
        "unit of a rate",
        "net, at `noise.rate`: noise.rate has the unit mV where kHz is needed; give it in kHz",
        {"stimuli.noise.rate": "5 mV"},
    ),
    Bad(
        "unit of a current",
        "net, at `step.amplitude`: step.amplitude has the unit mV where pA is needed; "
        "give it in pA",
        {"stimuli.step.amplitude": "5 mV"},
    ),
    Bad(
        "unit of the refractory period",
        'cell, at `V_th`: the refractory period has the unit mV, not ms; give a time, e.g. "2 ms"',
        {f"{CELL}.spike.refractory.period": "V_th"},
    ),
    Bad(
        "unit of an initial value",
        "cell, at `V`: V has the unit pA where mV is needed; give it in mV",
        {f"{CELL}.initial.V": "5 pA"},
    ),
    Bad(
        "unit of an effect",
        "cell, in `V = t_ref`, at `t_ref`: V = needs mV, not ms; check the unit of the "
        "statement's right side",
        {f"{CELL}.spike.effects": "V = t_ref"},
    ),
    Bad(
        "unit of a received weight",
        "cell, in `I_syn += weight`, at `weight`: I_syn += needs pA, not nS; check the "
        "unit of the statement's right side",
        {f"{CELL}.ports.syn.unit": "nS"},
    ),
    # events
    Bad(
        "threshold is no condition",
        "cell, in `V - V_th`, at `V - V_th`: the threshold is not a condition; write e.g."
        " V >= V_th",
        {f"{CELL}.spike.condition": "V - V_th"},
    ),
    Bad(
        "threshold compares units",
        "cell, in `V > t_ref`, at `V > t_ref`: mV and ms do not fit together; give all of"
        " them the same unit",
        {f"{CELL}.spike.condition": "V > t_ref"},
    ),
    Bad(
        "no threshold",
        'cell, at `condition`: the spike has no condition; add condition = "V >= V_th"',
        {f"{CELL}.spike.condition": None},
    ),
    Bad(
        "effect assigns nothing",
        "cell, in `V`: 'V' assigns nothing; write e.g. `V = V_reset` or `g += weight`",
        {f"{CELL}.spike.effects": "V"},
    ),
    Bad(
        "effect on a parameter",
        "cell, in `V_th += 1*mV`, at `V_th`: 'V_th' is not a state variable and cannot be"
        " assigned; states are I_syn, V",
        {f"{CELL}.spike.effects": "V_th += 1*mV"},
    ),
    Bad(
        "clamp of no state",
        "cell, at `U`: clamp names 'U', which is not a state; states are V, I_syn",
        {f"{CELL}.spike.refractory.clamp": ["U"]},
    ),
    Bad(
        "port does nothing",
        "cell, at `syn`: port 'syn' receives spikes but does nothing with them; add "
        'receive = "I_syn += weight"',
        {f"{CELL}.ports.syn": {"unit": "pA", "kind": "spikes"}},
    ),
    Bad(
        "port of unknown kind",
        "cell, at `I_ext`: port 'I_ext' has the unknown kind 'analog'; write \"spikes\" or "
        '"continuous"',
        {f"{CELL}.ports.I_ext.kind": "analog"},
    ),
    # numbers
    Bad(
        "parameters in a circle",
        "cell, at `E_L`: the parameters E_L and V_th are defined by each other; give one "
        "of them a number",
        {f"{CELL}.parameters.E_L": "V_th", f"{CELL}.parameters.V_th": "E_L"},
    ),
    Bad(
        "network parameters in a circle",
        "net, at `J`: the parameters J and K are defined by each other; give one of them a number",
        {"parameters.J": "K", "parameters.K": "J"},
    ),
    Bad(
        "negative time constant",
        "net.A, at `tau_m`: the time constant tau_m is -20 ms; give a positive time",
        {f"{CELL}.parameters.tau_m": "-20 ms"},
    ),
    Bad(
        "time constant zero",
        "net.A, at `tau_s`: the time constant tau_s is 0 ms; give a positive time",
        {f"{CELL}.parameters.tau_s": "0 ms"},
    ),
    Bad(
        "time constant zero in an array",
        "net.A, at `tau_s`: the time constant tau_s is 0 ms; give a positive time",
        {f"{CELL}.parameters.tau_s": ["5 ms"] * 9 + ["0 ms"]},
    ),
    Bad(
        "not a number",
        "cell, in `tau_m*dV/dt = E_L - V + R*(I_syn + I_ext) : mV`, at `E_L - V`: cannot "
        "subtract mV (V) from a plain number (E_L); give both the same unit",
        {f"{CELL}.parameters.E_L": float("nan")},
    ),
    Bad(
        "infinite parameter",
        "net.A, at `E_L`: E_L is not a finite number; give a number; check divisions by zero",
        {f"{CELL}.parameters.E_L": "1e999 mV"},
    ),
    Bad(
        "array of wrong size",
        "net.A, at `E_L`: E_L has 2 values for 10 units; give one value, or one per unit",
        {"populations.A.parameters": {"E_L": ["-65 mV", "-60 mV"]}},
    ),
    Bad(
        "list of mixed units",
        "net.A, at `E_L`: the values of one list have different units; give all of them "
        "the same unit",
        {"populations.A.parameters": {"E_L": ["-65 mV", "1 pA"]}},
    ),
    Bad(
        "size zero",
        "net.A, at `A.size`: A.size = 0 is not a positive whole number; give e.g. 1",
        {"parameters.n": 0},
    ),
    Bad(
        "size not whole",
        "net.A, at `A.size`: A.size = 2.5 is not a positive whole number; give e.g. 2",
        {"parameters.n": 2.5},
    ),
    Bad(
        "parameter that is not there",
        "net, at `tau_n`: population A names the parameter 'tau_n', which does not exist;"
        " did you mean tau_s, tau_m?",
        {"populations.A.parameters": {"tau_n": "5 ms"}},
    ),
    Bad(
        "parameter without a value",
        "net.A, at `g`: cell needs a value for 'g'; give it in the parameters of population A",
        _equations("drive = R*I_syn", "g : nS\ndrive = R*I_syn"),
    ),
    Bad(
        "unknown distribution",
        "net.A, at `gauss`: unknown distribution 'gauss'; choose one of constant, "
        "uniform, normal, truncated_normal, lognormal, exponential",
        {"populations.A.initial": {"V": {"distribution": "gauss", "mean": "1 mV"}}},
    ),
    Bad(
        "distribution lacks a parameter",
        "net.A, at `std`: the distribution normal lacks std; its parameters are mean, std",
        {"populations.A.initial": {"V": {"distribution": "normal", "mean": "1 mV"}}},
    ),
    Bad(
        "distribution the wrong way round",
        "net.A, at `low`: low of the distribution uniform is not below high: 1 >= 0; the "
        "parameters of uniform are low, high",
        {
            "populations.A.initial": {
                "V": {"distribution": "uniform", "low": "1 mV", "high": "0 mV"}
            }
        },
    ),
    Bad(
        "initial value of no state",
        "net, at `U`: population A names the state 'U', which does not exist; known are V, I_syn",
        {"populations.A.initial": {"U": "1 mV"}},
    ),
    Bad(
        "negative rate",
        "net.noise, at `rate`: the rate of noise is negative or not finite; clip it, e.g."
        ' "clip(rate, 0*Hz, 1000*Hz)"',
        {"stimuli.noise.rate": "-5 Hz"},
    ),
    Bad(
        "negative refractory period",
        "net.A, at `t_ref`: the refractory period t_ref is -2 ms; give 0 ms or more",
        {f"{CELL}.parameters.t_ref": "-2 ms"},
    ),
    # time
    Bad(
        "delay zero",
        "net.AA, at `delay`: delay = 0 ms is not a positive multiple of dt = 0.1 ms; "
        "nearest are 0.1 ms and 0.2 ms",
        {"projections.AA.delay": "0 ms"},
    ),
    Bad(
        "negative delay",
        "net.AA, at `delay`: delay = -1 ms is not a positive multiple of dt = 0.1 ms; "
        "nearest are 0.1 ms and 0.2 ms",
        {"projections.AA.delay": "-1 ms"},
    ),
    Bad(
        "delay off the grid",
        "net.AA, at `delay`: delay = 0.25 ms is not a positive multiple of dt = 0.1 ms; "
        "nearest are 0.2 ms and 0.3 ms",
        {"projections.AA.delay": "0.25 ms"},
    ),
    Bad(
        "dt too large for the scheme",
        "net.A, at `I_syn`: dt = 0.1 ms is too large for euler: I_syn decays with 0.04 ms"
        ' and would grow by 1.5 in each step; use a smaller dt, or scheme = "exact" or '
        '"exponential_euler"',
        {f"{CELL}.parameters.tau_s": "0.04 ms"},
        {"scheme": "euler"},
    ),
    Bad(
        "dt zero",
        'net, at `dt`: dt is 0 ms; give a positive time, e.g. "0.1 ms"',
        {"run.dt": "0 ms"},
    ),
    Bad(
        "dt negative",
        'net, at `dt`: dt is -0.1 ms; give a positive time, e.g. "0.1 ms"',
        {},
        {"dt": "-0.1 ms"},
    ),
    Bad(
        "dt is no time",
        "net, at `dt`: dt has the unit mV where ms is needed; give it in ms",
        {"run.dt": "0.1 mV"},
    ),
    Bad(
        "duration off the grid",
        "net, at `duration`: duration = 10.05 ms is not a positive multiple of dt = 0.1 "
        "ms; nearest are 10 ms and 10.1 ms",
        {},
        {"duration": "10.05 ms"},
    ),
    Bad(
        "duration zero",
        "net, at `duration`: duration = 0 ms is not a positive multiple of dt = 0.1 ms; "
        "nearest are 0.1 ms and 0.2 ms",
        {},
        {"duration": 0},
    ),
    Bad(
        "duration is no time",
        'net, at `duration`: duration = 1 pA is no time; write e.g. "1 s"',
        {},
        {"duration": "1 pA"},
    ),
    Bad(
        "duration is text",
        "net, in `duration = long`, at `long`: 'long' is not defined; define it as a parameter",
        {},
        {"duration": "long"},
    ),
    Bad(
        "current off the grid",
        "net.step, at `start`: start = 1.05 ms is not a multiple of dt = 0.1 ms; nearest "
        "are 1 ms and 1.1 ms",
        {"stimuli.step.start": "1.05 ms"},
    ),
    Bad(
        "current stops before it starts",
        "net.step, at `stop`: step stops at 0.5 ms, but starts at 1 ms; give a "
        "stop after the start",
        {"stimuli.step.stop": "0.5 ms"},
    ),
    Bad(
        "sampling off the grid",
        "net.v, at `every`: every = 0.25 ms is not a positive multiple of dt = 0.1 ms; "
        "nearest are 0.2 ms and 0.3 ms",
        {"recordings.v.every": "0.25 ms"},
    ),
    Bad(
        "spike time zero",
        "net.noise, at `spike time`: spike time = 0 ms is not a positive multiple of dt ="
        " 0.1 ms; nearest are 0.1 ms and 0.2 ms",
        {"stimuli.noise": {"kind": "spikes", "trains": [[0.0]] * 10}},
    ),
    Bad(
        "negative seed",
        "net, at `seed`: the seed is -1; give a whole number from 0 on",
        {},
        {"seed": -1},
    ),
    # references
    Bad(
        "population that is not there",
        "net, at `B`: projection AA names the population 'B', which does not exist; known are A",
        {"projections.AA.post": "B"},
    ),
    Bad(
        "source that is not there",
        "net, at `noisy`: projection AA names the source 'noisy', which does not exist; "
        "did you mean noise?",
        {"projections.AA.pre": "noisy"},
    ),
    Bad(
        "port that is not there",
        "net, at `exc`: projection AA names the port 'exc', which does not exist; known "
        "are syn, I_ext",
        {"projections.AA.port": "exc"},
    ),
    Bad(
        "port of the wrong kind",
        "net.AA, at `I_ext`: synapses/static needs a port of kind spikes, but I_ext of A "
        "is continuous; its ports are syn (spikes), I_ext (continuous)",
        {"projections.AA.port": "I_ext"},
    ),
    Bad(
        "recording that is not there",
        "net, at `W`: recording v of A names the variable 'W', which does not exist; "
        "known are V, I_syn, drive",
        {"recordings.v.variables": ["W"]},
    ),
    Bad(
        "recording of a parameter",
        "net, at `tau_m`: recording v of A names the variable 'tau_m', which does not "
        "exist; known are V, I_syn, drive",
        {"recordings.v.variables": ["tau_m"]},
    ),
    Bad(
        "recording of a unit that is not there",
        "net.v, at `units`: unit 10 does not exist; give 0..9",
        {"recordings.v.units": [0, 10]},
    ),
    Bad(
        "recording of a population that is not there",
        "net, at `B`: recording v names the population 'B', which does not exist; known are A",
        {"recordings.v.population": "B"},
    ),
    Bad(
        "stimulus of a spike port",
        "net, at `syn`: stimulus step names the continuous port 'syn', which does not "
        "exist; known are I_ext",
        {"stimuli.step.port": "syn"},
    ),
    Bad(
        "source that never spikes",
        "net, at `A`: projection AA starts from A, whose neuron never spikes; give its "
        "neuron a [spike] section, or take a graded synapse (synapses/graded)",
        {f"{CELL}.spike": None},
    ),
    Bad(
        "phase of nothing",
        "net, at `B`: a phase names the item 'B', which does not exist; known are A, AA, "
        "in, noise, step",
        {"phases": [{"at": "5 ms", "changes": {"B.tau_m": "5 ms"}}]},
    ),
    Bad(
        "phase without an owner",
        "net, at `tau_m`: a phase changes 'tau_m'; write \"population.parameter\", "
        '"projection.weight" or "stimulus.rate"',
        {"phases": [{"at": "5 ms", "changes": {"tau_m": "5 ms"}}]},
    ),
    Bad(
        "phase of a delay",
        "net, at `delay`: a phase, for AA, names the quantity 'delay', which does not "
        "exist; known are weight",
        {"phases": [{"at": "5 ms", "changes": {"AA.delay": "2 ms"}}]},
    ),
    Bad(
        "phase off the grid",
        "net, at `phase.at`: phase.at = 5.05 ms is not a multiple of dt = 0.1 ms; nearest"
        " are 5 ms and 5.1 ms",
        {"phases": [{"at": "5.05 ms", "changes": {"A.tau_m": "5 ms"}}]},
    ),
    Bad(
        "phase makes a time constant negative",
        "net.A, at `tau_m`: the time constant tau_m is -5 ms; give a positive time",
        {"phases": [{"at": "5 ms", "changes": {"A.tau_m": "-5 ms"}}]},
    ),
    Bad(
        "no such model",
        "net.A, at `neurons/lif_curent`: there is no model 'neurons/lif_curent'; did you "
        "mean neurons/lif_current, neurons/lif_delta, neurons/lif_nmda?",
        {f"{CELL}": "neurons/lif_curent"},
    ),
    Bad(
        "network as a neuron",
        "net.A, at `neuron`: population A is made of networks/cuba, a network; name a neuron",
        {f"{CELL}": "networks/cuba"},
    ),
    Bad(
        "synapse as a neuron",
        "net.A, at `neuron`: population A is made of synapses/gating, a synapse; name a neuron",
        {f"{CELL}": "synapses/gating"},
    ),
    # rules
    Bad(
        "unknown rule",
        "net.AA, at `random`: unknown connection rule 'random'; choose one of all_to_all,"
        " one_to_one, fixed_probability, fixed_indegree, fixed_outdegree, "
        "fixed_total_number, pairwise_list",
        _rule(kind="random", p=0.1),
    ),
    Bad(
        "probability above one",
        "net.AA, at `p`: the connection probability p is 1.5; give 0 <= p <= 1",
        _rule(kind="fixed_probability", p=1.5),
    ),
    Bad(
        "rule without its parameter",
        "net.AA, at `indegree`: fixed_indegree needs indegree; fixed_indegree has indegree",
        _rule(kind="fixed_indegree"),
    ),
    Bad(
        "rule with a parameter of another",
        "net.AA, at `p`: all_to_all takes no p; all_to_all has no parameters",
        _rule(kind="all_to_all", p=0.1),
    ),
    Bad(
        "rule with an unknown key",
        "net.AA, at `autapse`: the rule has the unknown key 'autapse'; known are "
        "indegree, kind, number, outdegree, p, sources, targets, autapses, multapses",
        _rule(kind="all_to_all", autapse=False),
    ),
    Bad(
        "more partners than there are",
        "net.AA, at `indegree`: fixed_indegree asks for indegree = 11 of 10 possible "
        "partners without multapses; lower indegree, or set multapses = true",
        _rule(kind="fixed_indegree", indegree=11, multapses=False),
    ),
    Bad(
        "one to one of unequal sizes",
        "net.in, at `one_to_one`: one_to_one needs equal sizes, not 9 and 10; use "
        "all_to_all, or populations of the same size",
        {"stimuli.noise.size": 9},
    ),
    Bad(
        "list names a unit that is not there",
        "net.AA, at `targets`: pairwise_list names unit 10 of a population of 10; indices"
        " run from 0 to 9",
        _rule(kind="pairwise_list", sources=[0], targets=[10]),
    ),
    Bad(
        "lists of unequal length",
        "net.AA, at `sources`: 2 sources do not pair with 1 targets; give one target for "
        "each source",
        _rule(kind="pairwise_list", sources=[0, 1], targets=[1]),
    ),
    Bad(
        "weights of wrong number",
        "net.in, at `weight`: weight has 2 values for 10 connections; give one value, or "
        "one per connection in the order of (source, target)",
        {"projections.in.weight": ["1 pA", "2 pA"]},
    ),
    Bad(
        "a billion connections",
        "net.AA, at `fixed_probability`: fixed_probability makes 1,000,000,000 "
        "connections, 16 GB as an explicit list; set native = true on the projection, so "
        "that the simulator draws them itself",
        {"parameters.n": 100_000, "projections.AA.rule.p": 0.1, "stimuli.noise.size": 100_000},
    ),
    # the run
    Bad(
        "unknown scheme",
        "cell, at `rk5`: unknown scheme 'rk5'; choose one of exact, euler, heun, rk4, "
        "exponential_euler, native",
        {},
        {"scheme": "rk5"},
    ),
    Bad(
        "scheme that does not fit",
        "cell, in `tau_m*dV/dt = V*V/mV - V + R*(I_syn + I_ext) : mV`, at `V`: exact "
        'propagators need linear equations, and dV/dt is not; use scheme = "rk4", '
        '"exponential_euler", "heun" or "euler"',
        _equations("E_L - V", "V*V/mV - V"),
        {"scheme": "exact"},
    ),
    Bad(
        "network parameter that is not there",
        "net, at `K`: the table of parameters has the unknown key 'K'; known are J, n",
        {},
        {"parameters": {"K": 1}},
    ),
    Bad(
        "variant that is not there",
        "net, at `slow`: there is no variant 'slow'; known are (none)",
        {},
        {"parameters": {"variant": "slow"}},
    ),
    # structure
    Bad(
        "unknown key of the network",
        "net, at `population`: the network has the unknown key 'population'; known are "
        "populations, projections, stimuli, recordings, phases, parameters, variants, "
        "include, run, name, title, description, source",
        {"population": {}},
    ),
    Bad(
        "unknown key of a neuron",
        "cell, at `threshold`: the neuron has the unknown key 'threshold'; known are "
        "equations, parameters, ports, spike, initial, scheme, variants, name, title, description, "
        "source",
        {f"{CELL}.threshold": "V > V_th"},
    ),
    Bad(
        "unknown key of a projection",
        "net, at `wight`: projection AA has the unknown key 'wight'; known are pre, post,"
        " port, rule, weight, delay, synapse, native, parameters, initial, events, delay_at, dt_w",
        {"projections.AA.wight": "1 pA"},
    ),
    Bad(
        "unknown key of the run",
        "net, at `steps`: [run] has the unknown key 'steps'; known are dt, duration, seed, scheme",
        {"run.steps": 5},
    ),
    Bad(
        "missing key",
        "net, at `weight`: projection AA has no weight; add weight = ...",
        {"projections.AA.weight": None},
    ),
    Bad(
        "unknown kind",
        'net, at `kind`: the kind is \'netwrok\'; write kind = "neuron", kind = "synapse" '
        'or kind = "network"',
        {"kind": "netwrok"},
    ),
    Bad(
        "no kind",
        'net, at `kind`: the kind is None; write kind = "neuron", kind = "synapse" or '
        'kind = "network"',
        {"kind": None},
    ),
    Bad(
        "unknown stimulus",
        "net.noise, at `kind`: the stimulus kind 'poison' is unknown; write \"current\", "
        '"spikes", "poisson" or "regular"',
        {"stimuli.noise.kind": "poison"},
    ),
    Bad(
        "a population and a stimulus of one name",
        "net, at `A`: 'A' names a population and a stimulus; rename one of them",
        {"stimuli/A": {"kind": "poisson", "size": 1, "rate": "1 Hz"}},
    ),
    Bad(
        "no populations",
        "net: the network has no populations; add [populations.E]",
        {"populations": None},
    ),
    Bad(
        "TOML syntax",
        "file: TOML syntax: Invalid value (at line 2, column 19); mend the file at that place",
        text='kind = "network"\nparameters = {N = }\n',
    ),
    Bad(
        "TOML key twice",
        "file: TOML syntax: Cannot overwrite a value (at line 2, column 17); mend the "
        "file at that place",
        text='kind = "neuron"\nkind = "network"\n',
    ),
    Bad(
        "parameters are no table",
        "cell: 'tau_m' stands where a table of values is needed; write name = \"20 ms\", "
        "one a line",
        {f"{CELL}.parameters": "tau_m"},
    ),
    Bad(
        "equations are no text",
        "cell, at `equations`: the equations are 5, not text; write `dV/dt = ... : mV`, "
        "one equation a line",
        {f"{CELL}.equations": 5},
    ),
    # tables
    Bad(
        "population without a neuron",
        "net, at `neuron`: population A has no neuron; add neuron = ...",
        {f"{CELL}": None},
    ),
    Bad(
        "population is no table",
        "net, at `population A`: population A is 5, not a table; write {neuron = ...}",
        {"populations.A": 5},
    ),
    Bad(
        "populations are no table",
        "net, at `[populations]`: [populations] is ['A'], not a table; write [populations.name]",
        {"populations": ["A"]},
    ),
    Bad(
        "neuron is a number",
        "net.A, at `5`: 5 is no model; name one, or give its table",
        {f"{CELL}": 5},
    ),
    Bad(
        "port is no table",
        "cell, at `port 'syn'`: port 'syn' is 'pA', not a table; write {unit = \"pA\", "
        'receive = "I += weight"}',
        {f"{CELL}.ports.syn": "pA"},
    ),
    Bad(
        "ports are no table",
        "cell, at `ports`: ports is 'syn', not a table; write [ports.syn], unit = \"pA\"",
        {f"{CELL}.ports": "syn"},
    ),
    Bad(
        "spike is no table",
        "cell, at `spike`: spike is 'V > V_th', not a table; write {condition = \"V >= V_th\"}",
        {f"{CELL}.spike": "V > V_th"},
    ),
    Bad(
        "refractoriness is no table",
        "cell, at `spike.refractory`: spike.refractory is 't_ref', not a table; write "
        '{period = "t_ref"}',
        {f"{CELL}.spike.refractory": "t_ref"},
    ),
    Bad(
        "rule is no table",
        'net.AA, at `rule`: rule is 5, not a table; write {kind = "all_to_all"}',
        {"projections.AA.rule": 5},
    ),
    Bad(
        "run is no table",
        "net, at `[run]`: [run] is '1 s', not a table; write {dt = \"0.1 ms\"}",
        {"run": "1 s"},
    ),
    Bad(
        "unknown unit of a port",
        "cell, in `I_ext: unit = pAmp`, at `pAmp`: unknown unit 'pAmp'; did you mean pamp, pm, pA?",
        {f"{CELL}.ports.I_ext.unit": "pAmp"},
    ),
    Bad(
        "division by zero",
        "net.A, in `R = 0.1*GOhm/(1 - 1)`, at `R`: R is not a finite number; give a "
        "number; check divisions by zero",
        {f"{CELL}.parameters.R": "0.1*GOhm/(1 - 1)"},
    ),
    Bad(
        "units of no sense",
        "net.v, at `units`: 'a:b' selects no units; write a list, a number, or \"first:last:step\"",
        {"recordings.v.units": "a:b"},
    ),
    Bad(
        "unknown symbol in a rule",
        "net.AA, at `q`: 'q' is not defined; define it as a parameter",
        _rule(kind="fixed_probability", p="q"),
    ),
    Bad(
        "unknown symbol in a weight",
        "net, in `AA.weight = 2*K`, at `K`: 'K' is not defined; define it as a parameter "
        "or a state",
        {"projections.AA.weight": "2*K"},
    ),
    Bad(
        "unknown symbol in a size",
        "net, at `A.size`: A.size has the unit um where 1 is needed; give a plain number",
        {"populations.A.size": "2*m"},
    ),
    Bad(
        "random size",
        "net.A, at `size`: a size cannot be random; give one number",
        {"populations.A.size": {"distribution": "uniform", "low": 1, "high": 9}},
    ),
    Bad(
        "random dt",
        'net, at `dt`: dt is not one time; write e.g. "1 s"',
        {"run.dt": {"distribution": "uniform", "low": "1 ms", "high": "9 ms"}},
    ),
    Bad(
        "seed is text",
        "net, at `seed`: the seed is 'one'; give a whole number from 0 on",
        {"run.seed": "one"},
    ),
    Bad(
        "trains are no times",
        "net, at `noise`: the trains of stimulus noise are not times; give them in ms",
        {"stimuli.noise": {"kind": "spikes", "trains": [["1 mV"]] * 10}},
    ),
    Bad(
        "synapse that is not there",
        "net.AA, at `synapses/gatin`: there is no model 'synapses/gatin'; did you mean "
        "synapses/gating, synapses/static, synapses/gating_unit?",
        {"projections.AA.synapse": "synapses/gatin"},
    ),
    Bad(
        "condition is a number",
        "cell, in `5`, at `5`: the threshold is not a condition; write e.g. V >= V_th",
        {f"{CELL}.spike.condition": 5},
    ),
    Bad(
        "name with a dash",
        "cell, at `tau-m`: 'tau-m' is not a name; use letters, digits and underscores",
        {f"{CELL}.parameters.tau-m": "5 ms"},
    ),
    Bad(
        "weight is missing its quotes",
        "net, at `AA.weight`: AA.weight has the unit 1 where pA is needed; give it in pA",
        {"projections.AA.weight": [[1]]},
    ),
    Bad(
        "nested parameters",
        "cell, at `E_L`: a table of values needs the key 'distribution', not value; write"
        ' e.g. {distribution = "normal", mean = "-60 mV", std = "5 mV"}',
        {f"{CELL}.parameters.E_L": {"value": "5 mV"}},
    ),
    Bad(
        "truth value as a parameter",
        "cell, in `tau_m*dV/dt = E_L - V + R*(I_syn + I_ext) : mV`, at `E_L - V`: cannot "
        "subtract mV (V) from a plain number (E_L); give both the same unit",
        {f"{CELL}.parameters.E_L": True},
    ),
]

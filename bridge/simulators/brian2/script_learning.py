"""Graded synapses with states as text of a Brian2 script: arrays with a number per connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ...definition.dialect import Dialect, spell
from ...definition.expressions import Expression
from ..learning import Learning
from .graded import GradedPlan
from .names import brian_name

Own = Callable[..., str]  # a Python variable
Shown = Callable[..., str]  # an array as text


def learning_script(
    graded: GradedPlan, c: Learning, name: str, own: Own, show: Shown, numpy: Dialect
) -> Iterable[str]:
    """``NAME(k, t)``, the sums over the step from k, and ``NAME_learn(k)``, which moves states."""
    rule, pre, post = c.rule, own(graded.pre), own(graded.post)
    rows = int(c.delays.max(initial=0)) + 1
    yield f"# from {pre} to {graded.port} of {post}: {', '.join(rule.states)} of every connection"
    yield f"# move every {c.every} steps, {rule.scheme}, with what arrives and what is there"
    yield f"{name}_i = {show(c.sources, name, 'sources')}"
    yield f"{name}_j = {show(c.targets, name, 'targets')}"
    yield f"{name}_d = {show(_one(c.delays), name, 'delays')}"
    numbers = {n: v.reshape(-1) if np.ndim(v) else v for n, v in c.numbers.items()}
    yield f"{name}_numbers = {{"
    for n, value in sorted(numbers.items()):
        yield f"    {n!r}: {show(value, name, n)},"
    yield "}"
    yield f"{name}_states = {{"
    for n, value in c.states.items():
        shown = show(_one(value.reshape(-1)), name, n)
        yield f"    {n!r}: np.zeros({len(c.sources)}) + {shown},"
    yield "}"
    yield f"{name}_next = dict({name}_states)"
    past = [*rule.pre, "passed"]
    yield f"{name}_past = {{n: np.zeros(({rows}, {c.sizes[0]})) for n in {past!r}}}"
    yield from _sum(graded, c, name, pre, rows, numpy, show)
    yield from _learn(graded, c, name, post, rows, numpy, show)


def _sum(
    graded: GradedPlan, c: Learning, name: str, pre: str, rows: int, numpy: Dialect, show: Shown
) -> Iterable[str]:
    rule, numbers = c.rule, graded.numbers[0][1]
    yield f"def {name}(k, t):"
    yield f"    if k % {c.every} == 0:"
    yield f"        {name}_states.update({name}_next)"
    yield from _read(rule.pre, graded.states, numbers, pre, numpy, show)
    for variable in sorted(rule.passed.names & set(c.parameters)):
        yield f"    {variable} = {show(c.parameters[variable], name, variable)}"
    for variable in rule.pre:
        yield f"    {name}_past[{variable!r}][k % {rows}] = {variable}"
    yield f"    {name}_past['passed'][k % {rows}] = {spell(rule.passed, numpy)}"
    yield from _own(rule.efficacy.names, c, name)
    yield f"    arrived = {name}_past['passed'][(k - {name}_d) % {rows}, {name}_i]"
    yield f"    share = ({spell(rule.efficacy, numpy)})*arrived"
    yield f"    return np.bincount({name}_j, share, minlength={c.sizes[1]})"


def _learn(
    graded: GradedPlan, c: Learning, name: str, post: str, rows: int, numpy: Dialect, show: Shown
) -> Iterable[str]:
    rule, numbers = c.rule, graded.post_numbers[0][1]
    yield f"def {name}_learn(k):"
    yield f"    if k % {c.every}:"
    yield "        return"
    yield from _read(rule.post, graded.post_states, numbers, post, numpy, show)
    for variable in rule.post:
        yield f"    {variable} = np.broadcast_to({variable}, ({c.sizes[1]},))[{name}_j]"
    for variable in rule.pre:
        yield f"    {variable} = {name}_past[{variable!r}][(k - {name}_d) % {rows}, {name}_i]"
    statements = (*rule.step, *rule.after)
    yield from _own({n for a in statements for n in a.reads}, c, name)
    for a in statements:
        yield f"    {a.target} = {spell(a.value, numpy)}"
    for state in rule.states:
        yield f"    {name}_next[{state!r}] = {state}"


def _read(
    read: Mapping[str, Expression],
    states: Mapping[str, str],
    numbers: Mapping[str, Any],
    group: str,
    numpy: Dialect,
    show: Shown,
) -> Iterable[str]:
    """What the synapse reads of one side, by its own names."""
    for variable in sorted({n for e in read.values() for n in e.names} - {"pi"}):
        if variable in states:
            yield f"    {variable} = {group}.{brian_name(variable)}_[:]"
        elif variable in numbers:
            yield f"    {variable} = {show(numbers[variable], group, variable)}"
    for variable, value in read.items():
        yield f"    {variable} = {spell(value, numpy)}"


def _own(names: Iterable[str], c: Learning, name: str) -> Iterable[str]:
    for variable in sorted(names):
        if variable in c.numbers:
            yield f"    {variable} = {name}_numbers[{variable!r}]"
        elif variable in c.states:
            yield f"    {variable} = {name}_states[{variable!r}]"


def _one(values: Any) -> Any:
    """One number where all are the same."""
    array = np.asarray(values)
    return array.flat[0] if array.size and (array == array.flat[0]).all() else array

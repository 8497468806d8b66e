"""The scheme native: which of Brian2's integrators takes the equations of each group."""

from __future__ import annotations

from typing import Any

from ...records import replace
from ..base import refuse
from .build import neuron_group
from .emit import EXPONENTIAL, NeuronText
from .plan import GroupPlan, Plan


def with_methods(plan: Plan, asked: str | None, target: str) -> Plan:
    """The plan where each group that Brian2 integrates has the one method that does it.

    ``asked`` is any integrator of Brian2; None: the first of the group's ``methods`` that fits.

    Raises:
        Unsupported: there is no such method, it does not take the equations or run on ``target``,
            the noise is frozen, or no group is integrated by Brian2.
    """
    native = [g for g in plan.groups if g.text.methods]
    if not native:
        if asked is not None:
            raise refuse(
                "brian2",
                f"method {asked!r}",
                "explicit schemes are steps of their own",
                'add scheme = "native", or leave the option out',
            )
        return plan
    if target == "numpy" and asked is not None and asked.startswith("gsl"):
        raise refuse("brian2", f"method {asked!r}", "it needs a compiler", "choose target cython")
    from .session import session

    with session("numpy", plan.seed):
        chosen = {g.name: _chosen(g, plan.dt, asked) for g in native}
    groups = (replace(g, text=chosen.get(g.name, g.text)) for g in plan.groups)
    return replace(plan, groups=tuple(groups))


def _chosen(group: GroupPlan, dt: float, asked: str | None) -> NeuronText:
    """Asks Brian2, whose integrators refuse equations that they cannot take.

    Their code is kept, as sympy may take seconds to find it.
    """
    import brian2
    from brian2.stateupdaters.base import StateUpdateMethod, UnsupportedEquationsException

    known = StateUpdateMethod.stateupdaters
    if asked is not None and asked.lower() not in known:
        choice = f"choose one of {', '.join(sorted(known))}"
        raise refuse("brian2", f"method {asked!r}", "it is unknown", choice)
    _refuse_frozen(group)
    tried = group.text.methods if asked is None else (asked.lower(),)
    made = neuron_group(group, brian2.Clock(dt * brian2.ms), dt)
    made._network = "none"  # noqa: SLF001 - else Brian2 warns that it never runs
    names = made.equations.names | made.equations.identifiers | {"dt"}
    variables = made.resolve_all(names, run_namespace={}, user_identifiers=set())
    why = ""
    for method in tried:
        try:
            code = StateUpdateMethod.apply_stateupdater(made.equations, variables, method)
        except UnsupportedEquationsException as error:
            why = str(error)
            continue
        if method == EXPONENTIAL and method not in group.text.methods:
            why = "Brian2 would drop terms that are not linear in their own state"
            continue
        # GSL's bring compiled code of their own.
        code = code if isinstance(code, str) else ""
        return replace(group.text, methods=(method,), code=code)
    raise refuse(
        "brian2",
        f"method {tried[-1]!r} for {group.name}",
        " ".join(why.split()),
        "choose another method, or an explicit scheme",
    )


def _refuse_frozen(group: GroupPlan) -> None:
    frozen: list[Any] = [n for n in group.tables if n == "m_xi" or n.startswith("m_xi_")]
    if frozen:
        raise refuse(
            "brian2",
            "frozen noise under the scheme native",
            f"its integrators draw {frozen[0].removeprefix('m_')} themselves",
            'use scheme = "euler"',
        )

"""Connection rules, drawn once and with a seed into lists of (source, target).

The rules mean what NEST's rules of the same name mean (NEST documentation, "Connectivity
concepts"; Senk et al. 2022, PLoS Comput. Biol. 18(9): e1010086). Memory is proportional to the
number of connections, never to `n_pre * n_post` of a sparse network.
"""

from __future__ import annotations

import numpy as np

from ..errors import DefinitionError
from ..records import dataclass
from .rules import Integers, Rule
from .sampling import bernoulli, subsets

__all__ = ["LIMIT", "Connections", "Rule", "check_rule", "check_size", "connect", "expected_count"]

LIMIT = 500_000_000  # connections in one explicit list: 8 GB, before any simulator holds its own
_BYTES = 16  # two int64


@dataclass(frozen=True, eq=False)
class Connections:
    """`sources[k]` projects to `targets[k]`: indices within the populations, int64, read-only.

    Sorted by source, then target, except for `pairwise_list`, which keeps the order it was given in
    so that arrays of weights and delays keep theirs.
    """

    sources: Integers
    targets: Integers

    def __post_init__(self) -> None:
        for name in ("sources", "targets"):
            array = np.asarray(getattr(self, name), dtype=np.int64).view()  # leaves yours writable
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if self.sources.ndim != 1 or self.sources.shape != self.targets.shape:
            raise DefinitionError(
                f"{self.sources.shape} sources do not pair with {self.targets.shape} targets"
            )

    def __len__(self) -> int:
        return len(self.sources)


def expected_count(rule: Rule, n_pre: int, n_post: int, same: bool) -> float:
    """Number of connections: exact, and for `fixed_probability` its mean.

    `same` says that source and target population are one, so that autapses can occur.
    """
    match rule.kind:
        case "all_to_all":
            return float(_pairs(rule, n_pre, n_post, same))
        case "one_to_one":
            return float(n_post)
        case "fixed_probability":
            return rule.number_of("p") * _pairs(rule, n_pre, n_post, same)
        case "fixed_indegree":
            return float(int(rule.number_of("indegree")) * n_post)
        case "fixed_outdegree":
            return float(int(rule.number_of("outdegree")) * n_pre)
        case "fixed_total_number":
            return rule.number_of("number")
        case _:
            return float(len(rule.listed()[0]))


def check_rule(rule: Rule, n_pre: int, n_post: int, same: bool) -> None:
    """Raise before anything is drawn if `rule` cannot be met between populations of these sizes.

    Raises:
        DefinitionError: more partners asked for than there are, sizes that do not fit, or indices
            that lie outside; names the parameter and a remedy.
    """
    loops = same and not rule.autapses
    match rule.kind:
        case "one_to_one" if n_pre != n_post:
            raise DefinitionError(
                f"one_to_one needs equal sizes, not {n_pre} and {n_post}",
                symbol="one_to_one",
                remedy="use all_to_all, or populations of the same size",
            )
        case "one_to_one" if loops:
            raise DefinitionError(
                "one_to_one within one population makes only autapses, which are forbidden",
                symbol="autapses",
                remedy="set autapses = true",
            )
        case "fixed_indegree":
            _check_degree(rule, "indegree", n_pre - loops, n_post)
        case "fixed_outdegree":
            _check_degree(rule, "outdegree", n_post - loops, n_pre)
        case "fixed_total_number":
            _check_degree(rule, "number", _pairs(rule, n_pre, n_post, same), 1)
        case "pairwise_list":
            _check_list(rule, n_pre, n_post, loops)


def check_size(rule: Rule, n_pre: int, n_post: int, same: bool, limit: int = LIMIT) -> None:
    """Raise if the explicit list would hold more than `limit` connections."""
    count = expected_count(rule, n_pre, n_post, same)
    if count > limit:
        raise DefinitionError(
            f"{rule.kind} makes {count:,.0f} connections, {count * _BYTES / 1e9:,.0f} GB as an "
            "explicit list",
            symbol=rule.kind,
            remedy="set native = true on the projection, so that the simulator draws them itself",
        )


def connect(
    rule: Rule, n_pre: int, n_post: int, same: bool, rng: np.random.Generator
) -> Connections:
    """The connections that `rule` makes from `n_pre` sources to `n_post` targets.

    `same` says that both are one population: only then can there be autapses. The same generator
    state gives the same connections. For the order see `Connections`.

    Raises:
        DefinitionError: the rule cannot be met, or the list would be too long (see `check_rule`,
            `check_size`); nothing has been allocated by then.
    """
    check_rule(rule, n_pre, n_post, same)
    check_size(rule, n_pre, n_post, same)
    loops = same and not rule.autapses
    match rule.kind:
        case "pairwise_list":
            return Connections(*rule.listed())
        case "one_to_one":
            return Connections(np.arange(n_pre), np.arange(n_post))
        case "fixed_indegree":
            targets, sources = _by_degree(rule, "indegree", n_post, n_pre, loops, rng)
            return _sorted(sources, targets, n_post)
        case "fixed_outdegree":
            sources, targets = _by_degree(rule, "outdegree", n_pre, n_post, loops, rng)
            return _sorted(sources, targets, n_post)
        case "all_to_all":
            places = np.arange(_pairs(rule, n_pre, n_post, same))
        case "fixed_probability":
            places = bernoulli(_pairs(rule, n_pre, n_post, same), rule.number_of("p"), rng)
        case _:
            pairs, number = _pairs(rule, n_pre, n_post, same), int(rule.number_of("number"))
            if rule.multapses:
                places = np.sort(rng.integers(0, max(pairs, 1), number))
            else:
                places = subsets(1, pairs, number, rng)
    return _from_places(places, n_post, loops)


def _pairs(rule: Rule, n_pre: int, n_post: int, same: bool) -> int:
    """Number of ordered pairs that the rule may connect."""
    return n_pre * (n_post - 1 if same and not rule.autapses else n_post)


def _from_places(places: Integers, n_post: int, loops: bool) -> Connections:
    """Places in the row-major table of allowed pairs, whose diagonal is left out if `loops`."""
    sources, targets = np.divmod(places, max(n_post - loops, 1))
    if loops:
        targets += targets >= sources
    return Connections(sources, targets)


def _by_degree(
    rule: Rule, name: str, rows: int, columns: int, loops: bool, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Each of `rows` units draws its degree from `columns` partners: (unit, partner)."""
    degree, open_to = int(rule.number_of(name)), columns - loops
    if rule.multapses:
        units = np.repeat(np.arange(rows), degree)
        partners = rng.integers(0, max(open_to, 1), rows * degree)
    else:
        units, partners = np.divmod(subsets(rows, open_to, degree, rng), max(open_to, 1))
    if loops:
        partners += partners >= units
    return units, partners


def _sorted(sources: Integers, targets: Integers, n_post: int) -> Connections:
    """By source, then target. Equal pairs are alike, so one sort of a joint key is enough."""
    keys = sources * np.int64(n_post)
    keys += targets
    keys.sort()
    return Connections(*np.divmod(keys, max(n_post, 1)))


def _check_degree(rule: Rule, name: str, available: int, rows: int) -> None:
    asked = int(rule.number_of(name))
    if rows == 0 or asked == 0 or (available > 0 and (rule.multapses or asked <= available)):
        return
    what = "pairs" if name == "number" else "partners"
    remedy = f"lower {name}"
    if available > 0:
        remedy += ", or set multapses = true"
    raise DefinitionError(
        f"{rule.kind} asks for {name} = {asked} of {max(available, 0)} possible {what}"
        f"{'' if rule.multapses else ' without multapses'}",
        symbol=name,
        remedy=remedy,
    )


def _check_list(rule: Rule, n_pre: int, n_post: int, loops: bool) -> None:
    sources, targets = rule.listed()
    for name, indices, size in (("sources", sources, n_pre), ("targets", targets, n_post)):
        if len(indices) and not (0 <= indices.min() and indices.max() < size):
            wrong = indices[(indices < 0) | (indices >= size)][0]
            raise DefinitionError(
                f"pairwise_list names unit {wrong} of a population of {size}",
                symbol=name,
                remedy=f"indices run from 0 to {size - 1}",
            )
    if loops and (sources == targets).any():
        unit = sources[sources == targets][0]
        raise DefinitionError(
            f"pairwise_list connects unit {unit} to itself, and autapses are forbidden",
            symbol="autapses",
            remedy="drop that pair, or set autapses = true",
        )
    if not rule.multapses:
        keys, counts = np.unique(sources * np.int64(n_post) + targets, return_counts=True)
        if len(keys) < len(sources):
            pair = divmod(int(keys[counts > 1][0]), n_post)
            raise DefinitionError(
                f"pairwise_list holds the pair {pair} twice, and multapses are forbidden",
                symbol="multapses",
                remedy="drop the second one, or set multapses = true",
            )

from __future__ import annotations

import itertools
import math
import time
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spikebridge.definition.connectivity import (
    LIMIT,
    Connections,
    Rule,
    check_size,
    connect,
    expected_count,
)
from spikebridge.definition.sampling import bernoulli, subsets
from spikebridge.errors import DefinitionError

SEED = st.integers(0, 2**32)
SIZE = st.integers(1, 30)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def pairs(made: Connections) -> list[tuple[int, int]]:
    return list(zip(made.sources.tolist(), made.targets.tolist(), strict=True))


@st.composite
def cases(draw: Any) -> tuple[Rule, int, int, bool]:
    """A drawn rule that can be met, with its population sizes."""
    same = draw(st.booleans())
    n_pre = draw(SIZE)
    n_post = n_pre if same else draw(SIZE)
    flags = {"autapses": draw(st.booleans()), "multapses": draw(st.booleans())}
    loops = int(same and not flags["autapses"])
    kind = draw(st.sampled_from(["indegree", "outdegree", "number"]))
    room = {
        "indegree": n_pre - loops,
        "outdegree": n_post - loops,
        "number": n_pre * (n_post - loops),
    }[kind]
    most = (2 * room if room else 0) if flags["multapses"] else room
    rule = "fixed_total_number" if kind == "number" else f"fixed_{kind}"
    return Rule(rule, **{kind: draw(st.integers(0, most))}, **flags), n_pre, n_post, same


@given(cases(), SEED)
def test_drawn_rules(case: tuple[Rule, int, int, bool], seed: int) -> None:
    rule, n_pre, n_post, same = case
    made = connect(rule, n_pre, n_post, same, rng(seed))
    assert len(made) == expected_count(rule, n_pre, n_post, same)
    assert pairs(made) == sorted(pairs(made))
    if len(made):
        assert 0 <= made.sources.min() <= made.sources.max() < n_pre
        assert 0 <= made.targets.min() <= made.targets.max() < n_post
    if rule.kind == "fixed_indegree":
        assert (np.bincount(made.targets, minlength=n_post) == rule.indegree).all()
    if rule.kind == "fixed_outdegree":
        assert (np.bincount(made.sources, minlength=n_pre) == rule.outdegree).all()
    if same and not rule.autapses:
        assert not (made.sources == made.targets).any()
    if not rule.multapses:
        assert len(set(pairs(made))) == len(made)
    again = connect(rule, n_pre, n_post, same, rng(seed))
    assert pairs(again) == pairs(made)


@given(SIZE, SIZE, st.floats(0, 1), st.booleans(), st.booleans(), SEED)
def test_fixed_probability(
    n_pre: int, n_post: int, p: float, autapses: bool, same: bool, seed: int
) -> None:
    assume(not same or n_pre == n_post)
    rule = Rule("fixed_probability", p=p, autapses=autapses)
    made = pairs(connect(rule, n_pre, n_post, same, rng(seed)))
    assert made == sorted(set(made))
    assert made == pairs(connect(rule, n_pre, n_post, same, rng(seed)))
    assert all(i < n_pre and j < n_post for i, j in made)
    if same and not autapses:
        assert all(i != j for i, j in made)
    allowed = n_pre * (n_post - (same and not autapses))
    assert len(made) <= allowed
    if p in (0.0, 1.0):
        assert len(made) == p * allowed


@pytest.mark.parametrize("p", [0.001, 0.02, 0.3, 0.9])
def test_probability_is_p_for_every_pair(p: float) -> None:
    n, repeats = 60, 400
    counts = np.zeros((n, n))
    generator = rng(4)
    rule = Rule("fixed_probability", p=p, autapses=False)
    for _ in range(repeats):
        made = connect(rule, n, n, True, generator)
        counts[made.sources, made.targets] += 1
    assert np.diag(counts).sum() == 0
    trials = repeats * n * (n - 1)
    assert counts.sum() == pytest.approx(trials * p, abs=4.5 * math.sqrt(trials * p * (1 - p)))
    # rows and columns, too: no place in the table is preferred
    for axis in (0, 1):
        spread = math.sqrt(repeats * (n - 1) * p * (1 - p))
        assert np.abs(counts.sum(axis) - repeats * (n - 1) * p).max() < 5 * spread


def test_number_of_bernoulli_successes_is_binomial() -> None:
    from scipy import stats

    n, p = 50, 0.1
    generator = rng(8)
    seen = Counter(len(bernoulli(n, p, generator)) for _ in range(5000))
    counts = np.array([seen[k] for k in range(12)])
    expected = stats.binom.pmf(np.arange(12), n, p)
    assert stats.chisquare(counts, expected / expected.sum() * counts.sum()).pvalue > 1e-3


@pytest.mark.parametrize(("n", "k"), [(5, 2), (5, 3), (4, 4), (6, 1)])
def test_subsets_are_uniform(n: int, k: int) -> None:
    from scipy import stats

    rows = 6000
    members = (subsets(rows, n, k, rng(2)) % n).reshape(rows, k)
    seen = Counter(map(tuple, members.tolist()))
    every = list(itertools.combinations(range(n), k))
    assert set(seen) == set(every)
    if len(every) > 1:
        assert stats.chisquare([seen[one] for one in every]).pvalue > 1e-3


@pytest.mark.parametrize(("autapses", "count"), [(True, 9), (False, 6)])
def test_all_to_all(autapses: bool, count: int) -> None:
    rule = Rule("all_to_all", autapses=autapses)
    made = pairs(connect(rule, 3, 3, True, rng()))
    assert made == [(i, j) for i in range(3) for j in range(3) if autapses or i != j]
    assert len(made) == count == expected_count(rule, 3, 3, True)
    assert len(connect(rule, 3, 2, False, rng())) == 6  # two populations have no autapses


def test_one_to_one() -> None:
    assert pairs(connect(Rule("one_to_one"), 3, 3, False, rng())) == [(0, 0), (1, 1), (2, 2)]


def test_list_keeps_its_order() -> None:
    mine = np.array([2, 0, 2])
    rule = Rule("pairwise_list", sources=mine, targets=[1, 1, 0])
    made = connect(rule, 3, 2, False, rng())
    assert pairs(made) == [(2, 1), (0, 1), (2, 0)]
    mine[0] = 0  # neither the rule nor the connections share the user's array
    assert made.sources[0] == 2
    assert len(connect(Rule("pairwise_list", sources=[], targets=[]), 3, 2, False, rng())) == 0
    with pytest.raises(ValueError, match="read-only"):
        made.sources[0] = 1


def test_rules_are_values() -> None:
    a = Rule("pairwise_list", sources=[1, 2], targets=np.array([0, 0]))
    b = Rule("pairwise_list", sources=np.array([1, 2], np.int32), targets=(0, 0))
    assert a == b
    assert hash(a) == hash(b)
    assert Rule("fixed_indegree", indegree=80.0) == Rule("fixed_indegree", indegree=80)
    assert Rule("fixed_indegree", indegree=80) != Rule("fixed_indegree", indegree=81)
    assert Rule("all_to_all") != Rule("all_to_all", autapses=False)
    rule = Rule("fixed_total_number", number=3, multapses=False)
    assert Rule(rule.kind, **rule.parameters()) == rule
    assert Rule("fixed_indegree", indegree=0.1 * 30).indegree == 3


@pytest.mark.parametrize(
    ("arguments", "symbol"),
    [
        ({"kind": "some_to_some"}, "some_to_some"),
        ({"kind": "fixed_probability"}, "p"),
        ({"kind": "fixed_probability", "p": 1.2}, "p"),
        ({"kind": "fixed_probability", "p": -0.1}, "p"),
        ({"kind": "fixed_probability", "p": math.nan}, "p"),
        ({"kind": "fixed_probability", "p": 0.1, "indegree": 3}, "indegree"),
        ({"kind": "all_to_all", "p": 0.1}, "p"),
        ({"kind": "fixed_indegree", "indegree": -1}, "indegree"),
        ({"kind": "fixed_indegree", "indegree": 2.5}, "indegree"),
        ({"kind": "fixed_indegree", "indegree": True}, "indegree"),
        ({"kind": "fixed_indegree", "indegree": 2, "autapses": "no"}, "autapses"),
        ({"kind": "pairwise_list", "sources": [1]}, "targets"),
        ({"kind": "pairwise_list", "sources": [1, 2], "targets": [0]}, "sources"),
        ({"kind": "pairwise_list", "sources": [0.5], "targets": [0]}, "sources"),
    ],
)
def test_wrong_rules(arguments: dict[str, Any], symbol: str) -> None:
    with pytest.raises(DefinitionError) as error:
        Rule(**arguments)
    assert error.value.symbol == symbol
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("rule", "sizes", "symbol"),
    [
        (Rule("one_to_one"), (3, 4, False), "one_to_one"),
        (Rule("one_to_one", autapses=False), (3, 3, True), "autapses"),
        (Rule("fixed_indegree", indegree=4, multapses=False), (3, 9, False), "indegree"),
        (
            Rule("fixed_indegree", indegree=3, multapses=False, autapses=False),
            (3, 3, True),
            "indegree",
        ),
        (Rule("fixed_indegree", indegree=1, autapses=False), (1, 1, True), "indegree"),
        (Rule("fixed_indegree", indegree=1), (0, 2, False), "indegree"),
        (Rule("fixed_outdegree", outdegree=10, multapses=False), (3, 9, False), "outdegree"),
        (Rule("fixed_total_number", number=28, multapses=False), (3, 9, False), "number"),
        (Rule("pairwise_list", sources=[3], targets=[0]), (3, 9, False), "sources"),
        (Rule("pairwise_list", sources=[0], targets=[-1]), (3, 9, False), "targets"),
        (Rule("pairwise_list", sources=[1], targets=[1], autapses=False), (3, 3, True), "autapses"),
        (
            Rule("pairwise_list", sources=[1, 1], targets=[2, 2], multapses=False),
            (3, 3, False),
            "multapses",
        ),
    ],
)
def test_impossible_requests(rule: Rule, sizes: tuple[int, int, bool], symbol: str) -> None:
    with pytest.raises(DefinitionError) as error:
        connect(rule, *sizes, rng())
    assert error.value.symbol == symbol
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "rule",
    [
        Rule("all_to_all"),
        Rule("fixed_probability", p=0.9),
        Rule("fixed_indegree", indegree=30_000),
        Rule("fixed_outdegree", outdegree=30_000),
        Rule("fixed_total_number", number=10**9),
    ],
)
def test_a_list_too_long_is_refused_at_once(rule: Rule) -> None:
    start = time.perf_counter()
    with pytest.raises(DefinitionError, match=r"GB as an explicit list.*native = true"):
        connect(rule, 33_334, 33_334, False, rng())
    assert time.perf_counter() - start < 0.5
    check_size(Rule("fixed_total_number", number=LIMIT), 10**6, 10**6, False)


@pytest.mark.parametrize(
    ("rule", "n"),
    [
        (Rule("fixed_probability", p=1e-3), 100_000),
        (Rule("fixed_indegree", indegree=1000), 10_000),
        (Rule("fixed_indegree", indegree=1000, multapses=False, autapses=False), 10_000),
        (Rule("fixed_outdegree", outdegree=100, multapses=False), 100_000),
        (Rule("fixed_total_number", number=10**7, multapses=False), 100_000),
    ],
)
def test_ten_million_connections_in_bounded_time(rule: Rule, n: int) -> None:
    start = time.process_time()
    made = connect(rule, n, n, True, rng(1))
    assert time.process_time() - start < 10  # measured: 0.4 to 3 s
    assert len(made) == pytest.approx(10**7, rel=2e-3)

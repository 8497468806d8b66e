"""Binary networks: the exact chain, its moments, lumping, attractors and storage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from spikebridge import DefinitionError, simulate
from spikebridge.theory import dualism, moments
from spikebridge.theory.attractors import attractors, bits, code, rectangles
from spikebridge.theory.binary import Binary, binary, from_matrix, to_network
from spikebridge.theory.chain import Chain, chain
from spikebridge.theory.lumped import lump
from spikebridge.theory.oscillations import oscillations
from spikebridge.theory.storage import escape_times, kept, sequence, store

P = [0.27959693, 0.14724984, 0.06677042, 0.11064876, 0.1490545, 0.06505802, 0.04334597, 0.13827554]
J4 = [[0, 4, -3, -3], [4, 0, -3, -3], [5, 5, 0, -1], [5, 5, -1, 0]]
GROUPS = {"E": [0, 1], "I": [2, 3]}
CYCLE = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]  # codes 3, 6, 12
UNITS = {"M": 3, "theta": 1, "I": 0, "sigma": 0.2}
INF = np.inf


@pytest.fixture(scope="module")
def small() -> Chain:
    return chain("networks/binary_small", copies=1)


def four(**values: Any) -> Binary:
    return from_matrix(J4, **{"M": 3, "theta": 1, "groups": GROUPS} | values)


def random(n: int, seed: int = 0, **values: Any) -> Binary:
    J = np.random.default_rng(seed).standard_normal((n, n))
    np.fill_diagonal(J, 0)
    return from_matrix(J, **{"M": 2, "I": 0.2, "sigma": 0.5} | values)


def test_the_definition_becomes_arrays(small: Chain) -> None:
    J = np.array([[0, 2, -3], [1.5, 0, -2.5], [3, 2, 0]])
    found = small.network
    assert found.coupling == pytest.approx(J / 2)
    assert found.inputs == pytest.approx([0.6, 0.3, -0.9])
    assert found.sigma == pytest.approx([0.5, 0.5, 0.8])
    assert found.theta == pytest.approx(0.5) and not found.strict
    again = binary(to_network(J, M=2, I=[0.6, 0.3, -0.9], sigma=[0.5, 0.5, 0.8]))
    assert again.coupling == pytest.approx(found.coupling)
    assert again.inputs == pytest.approx(found.inputs)


def test_stationary_distribution(small: Chain) -> None:
    assert pytest.approx(np.array(P), abs=1e-8) == small.P
    assert small.second == pytest.approx(0.71244897, abs=1e-8)
    assert small.matrix.sum(axis=1) == pytest.approx(np.ones(8))
    assert pytest.approx(small.forward(small.P), abs=1e-15) == small.P
    f = np.arange(8.0)
    assert small.expected(f) == pytest.approx(small.matrix @ f)


def test_moments(small: Chain) -> None:
    pairs = ([0, 0, 1], [1, 2, 2])
    of_A, of_V = moments.cov_A(small), moments.cov_V(small)
    assert moments.mean_A(small) == pytest.approx([0.46123217, 0.3590407, 0.39573404], abs=1e-8)
    assert moments.mean_V(small) == pytest.approx([0.36543963, 0.15125657, 0.15088895], abs=1e-8)
    assert moments.correlation(of_A)[pairs] == pytest.approx(
        [0.34843209, 0.08536112, 0.16853871], abs=1e-8
    )
    assert np.diag(of_V) == pytest.approx([0.89955918, 0.72440249, 1.67921839], abs=1e-8)
    assert moments.correlation(of_V)[pairs] == pytest.approx(
        [0.54262165, 0.20258889, 0.22994884], abs=1e-8
    )
    both = moments.cov_VA(small)
    assert np.diag(both) == pytest.approx([0.37683895, 0.31959404, 0.52155919], abs=1e-8)
    assert moments.cumulant_A(small, [0, 1, 2]) * moments.cumulant_V(small, [0, 1, 2]) < 0
    assert moments.cumulant_A(small, [0, 0]) == pytest.approx(of_A[0, 0])
    assert moments.cumulant_A(small, [1]) == pytest.approx(moments.mean_A(small)[1])


def test_information(small: Chain) -> None:
    """Against sums over the full matrix; V tells no more about the next A than A does."""
    assert moments.entropy(small) == pytest.approx(2.78988277, abs=1e-8)
    flow = small.P[:, None] * small.matrix
    outer = np.outer(small.P, small.P)
    assert moments.mutual_information(small) == pytest.approx((flow * np.log2(flow / outer)).sum())
    production = (flow * np.log(flow / flow.T)).sum()
    assert moments.entropy_production(small) == pytest.approx(production)
    # detailed balance: symmetric weights with an update of one unit have none; one unit as well
    assert moments.entropy_production(chain(from_matrix([[1.0]]))) == pytest.approx(0, abs=1e-12)


def test_potentials_and_activities_are_two_views(small: Chain) -> None:
    assert dualism.marginal(small, 0, np.array(0.5)) == pytest.approx(0.4550364062, abs=1e-10)
    assert dualism.density(small, np.full(3, 0.5)) == pytest.approx(0.0493308980, abs=1e-10)
    active = quad(lambda v: dualism.marginal(small, 0, np.array(v)), 0.5, 9)[0]
    assert active == pytest.approx(moments.mean_A(small)[0], abs=1e-8)
    given = quad(lambda v: v * dualism.marginal(small, 0, np.array(v), active=1), 0.5, 9)[0]
    m, mean = moments.mean_A(small)[0], moments.mean_V(small)[0]
    assert given * m - mean * m == pytest.approx(moments.cov_VA(small)[0, 0], abs=1e-8)
    V = np.array([[0.7, -0.2, 1.0], [0.1, 0.9, 0.0]])
    after = dualism.posterior(small, V)
    assert after.sum(axis=1) == pytest.approx(1)
    step = dualism.transition(small, small.h[5], V[0])
    state = code(small.h[5] >= 0.5)
    alone = np.where(np.arange(8) == state, 1.0, 0.0)
    only = Chain(small.network, small.states, small.h, small.on, alone)
    assert step == pytest.approx(float(dualism.density(only, V[0])))


def test_lagged_covariances_against_a_run() -> None:
    """The map iterated with numpy, 2 10^5 samples: five standard errors."""
    J, rest = [[0, 2, -3], [1.5, 0, -2.5], [3, 2, 0]], {"I": [0.6, 0.3, -0.9]}
    sigma = np.array([0.5, 0.5, 0.8])
    exact = chain(to_network(J, M=2, sigma=sigma, **rest))
    rng, h0 = np.random.default_rng(5), np.array(rest["I"])
    V = np.zeros((2000, 200, 3))
    for k in range(1, len(V)):
        V[k] = (V[k - 1] >= 0.5) @ (np.array(J).T / 2) + h0 + sigma * rng.standard_normal((200, 3))
    V = V[50:]
    A = (V >= 0.5) * 1.0
    for lag in (0, 1, 2):
        for x, theory in ((A, moments.cov_A(exact, lag)), (V, moments.cov_V(exact, lag))):
            x = x - x.mean(axis=(0, 1))
            found = np.einsum("tci,tcj->cij", x[: len(x) - lag], x[lag:]) / (len(x) - lag)
            error = found.std(axis=0) / np.sqrt(found.shape[0])
            assert (np.abs(found.mean(axis=0) - theory) < 5 * error).all(), lag


def test_a_run_has_the_distribution() -> None:
    """Four units as a network of the library's model, on the reference."""
    exact = chain(to_network(J4, M=3, theta=1, I=[0.9, 0.9, 0.2, 0.2]))
    assert exact.P[0] == pytest.approx(0.31864, abs=5e-6)
    network = to_network(J4, M=3, theta=1, I=[0.9, 0.9, 0.2, 0.2])
    A = simulate(network, "reference", duration="8 s").columns.trace("units", "A").values
    shares = np.array(
        [np.bincount(code(part), minlength=16) for part in np.array_split(A[20:], 20)]
    )
    shares = shares / shares.sum(axis=1, keepdims=True)
    error = shares.std(axis=0) / np.sqrt(20) + 1e-3
    assert (np.abs(shares.mean(axis=0) - exact.P) < 5 * error).all()


def test_the_limit_of_no_noise() -> None:
    found = [chain(four(I=[0.9, 0.9, 0.2, 0.2], sigma=s)).P[0] for s in (0.5, 0.2, 0.1, 0.05)]
    assert found == pytest.approx([0.31864, 0.38975, 0.53293, 0.88110], abs=5e-6)


def test_both_ways_to_the_stationary_distribution() -> None:
    """Above 12 units T is no matrix: two independent networks side by side are a product."""
    one = random(6)
    K = np.kron(np.eye(2), one.coupling)
    wide = {n: np.tile(getattr(one, n), 2) for n in ("theta", "sigma")}
    pair = from_matrix(np.pad(K, ((0, 1), (0, 1))), I=np.append(np.tile(one.inputs, 2), 0.5),
                       **{n: np.append(v, 0.5) for n, v in wide.items()})  # fmt: skip
    P1 = chain(one).P
    both = np.multiply.outer(P1, P1).ravel()
    assert chain(pair).P == pytest.approx(0.5 * np.tile(both, 2), abs=1e-10)


def test_lumping_is_the_full_chain() -> None:
    """Three and two units: means, covariances and the distribution of numbers."""
    J = np.zeros((5, 5))
    J[:3, :3], J[:3, 3:], J[3:, :3], J[3:, 3:] = 1.5, -2.0, 1.8, -0.7
    np.fill_diagonal(J, 0)
    values = {"M": 2, "I": [0.3] * 3 + [0.1] * 2, "sigma": [0.5] * 3 + [0.7] * 2}
    network = from_matrix(J, groups={"E": range(3), "I": range(3, 5)}, **values)
    full, found = chain(network), lump(network)
    numbers = full.states @ np.repeat(np.eye(2), [3, 2], axis=0)
    for (k, m), p in zip(found.counts, found.P, strict=True):
        assert p == pytest.approx(full.P[(numbers == [k, m]).all(axis=1)].sum(), abs=1e-14)
    assert found.mean == pytest.approx(moments.mean_A(full)[[0, 3]])
    C = moments.cov_A(full)
    assert found.pairs() == pytest.approx(np.array([[C[0, 1], C[0, 3]], [C[0, 3], C[3, 4]]]))


def test_rectangles_of_stationary_states() -> None:
    found = rectangles(four())
    sides = np.stack([found.low[:, 0], found.high[:, 0], found.low[:, 1], found.high[:, 1]], 1)
    expected = {
        0: (-INF, 1, -INF, 1),
        3: (-1 / 3, INF, -INF, -7 / 3),
        4: (-INF, 2, 1, 4 / 3),
        7: (2 / 3, INF, -7 / 3, -2),
        8: (-INF, 2, 1, 4 / 3),
        11: (2 / 3, INF, -7 / 3, -2),
        12: (-INF, 3, 4 / 3, INF),
        15: (5 / 3, INF, -2, INF),
    }
    assert found.codes.tolist() == list(expected)
    assert sides == pytest.approx(np.array(list(expected.values())))
    assert found.at([1.8, 1.2]).tolist() == [4, 8, 15]
    E, inh = np.linspace(-1.05, 3.15, 22), np.linspace(-3.05, 2.15, 25)
    degrees = found.degree(E, inh)
    assert degrees.tolist() == [[len(found.at([e, i])) for i in inh] for e in E]


def test_cycles_with_their_rectangles() -> None:
    found = {o.cycle: (*o.low, *o.high) for o in oscillations(four())}
    assert found[0, 3, 15, 12] == pytest.approx((1, -2, 5 / 3, 1))
    assert found[0, 12] == pytest.approx((-INF, 1, 1, 4 / 3))
    assert found[1, 2] == pytest.approx((-1 / 3, -INF, 1, -2 / 3))
    for stimulus in ((1.5, -0.5), (0.3, 1.1), (2.0, -2.1), (0.0, -3.0)):
        here = attractors(four(), dict(zip("EI", stimulus, strict=True)))
        cycles = {a.cycle for a in here if len(a.cycle) > 1}
        inside = {c for c, (a, b, p, q) in found.items()
                  if a <= stimulus[0] < p and b <= stimulus[1] < q}  # fmt: skip
        assert cycles == inside
        assert sum(a.basin for a in here) == 16


def test_basins() -> None:
    found = attractors(four(), {"E": 1.5, "I": -0.5})
    assert [(a.cycle, a.basin) for a in found] == [((0, 3, 15, 12), 12), ((5, 6), 2), ((9, 10), 2)]


def test_all_attractors_of_twelve_units_by_following_each_state() -> None:
    network = random(12, seed=4)
    ends: dict[frozenset[int], int] = {}
    for start in range(2**12):
        A, seen = bits(np.array(start), 12), []
        while (now := int(code(A))) not in seen:
            seen.append(now)
            A = A @ network.coupling.T + network.inputs >= network.theta
        orbit = frozenset(seen[seen.index(now) :])
        ends[orbit] = ends.get(orbit, 0) + 1
    found = attractors(network)
    assert {frozenset(a.cycle): a.basin for a in found} == ends


def test_twenty_units() -> None:
    found = rectangles(random(20, groups={"E": range(12), "I": range(12, 20)}))
    assert len(found.codes) > 1
    for k in (0, len(found.codes) // 2, len(found.codes) - 1):
        point = np.clip(0.5 * (found.low[k] + found.high[k]), found.low[k], found.high[k])
        inputs = np.where(np.isfinite(point), point, np.where(found.low[k] > -9, 9.0, -9.0))
        A = bits(found.codes[k], 20)
        network = random(20, groups={"E": range(12), "I": range(12, 20)})
        h = A @ network.coupling.T + np.repeat(inputs, [12, 8])
        assert ((h >= network.theta) == A).all()


def test_a_stored_cycle() -> None:
    found = store(*sequence(CYCLE), **UNITS)
    J = np.array([[0, 1.302944, 0, 4.697056], [4.697056, 0, 1.302944, 3.394113],
                  [0, 4.697056, 0, 1.302944], [-2.091169, 3.394113, 1.302944, 0]])  # fmt: skip
    assert found.weights == pytest.approx(J, abs=1e-6)
    assert found.residuals.max() < 1e-12 and found.feasible
    assert found.probabilities == pytest.approx([0.9906773] * 3, abs=1e-8)
    network = from_matrix(found.weights, **UNITS)
    assert [(a.cycle, a.basin) for a in attractors(network)] == [((0,), 2), ((3, 6, 12), 14)]
    exact = chain(network)
    assert kept(exact, [3, 6, 12]) == pytest.approx(3.2e-4, rel=0.02)
    assert escape_times(exact, [3, 6, 12]) == pytest.approx([107.35] * 3, abs=0.01)
    inside = exact.matrix[np.ix_([3, 6, 12], [3, 6, 12])]
    assert 1 / (1 - np.linalg.eigvals(inside).real.max()) == pytest.approx(107.35, rel=0.01)


def test_two_fixed_points_and_the_linear_programme() -> None:
    two = [[1, 1, 0, 0], [0, 0, 1, 1]]
    found = store(two, two, **UNITS)
    assert found.weights[0] == pytest.approx([0, 4.697056, 0.651472, 0.651472], abs=1e-6)
    assert found.probabilities == pytest.approx([0.9906773] * 2, abs=1e-7)
    wide = store(*sequence(CYCLE), **UNITS, largest=6)
    assert wide.margins == pytest.approx([2, 1, 1, 1]) and wide.feasible
    assert np.abs(wide.weights).max() <= 6 + 1e-9


def test_what_cannot_be_stored_says_so() -> None:
    """All-zero is repelled by no weights where I < theta; five patterns of four units are many."""
    assert not store([[0, 0, 0, 0]], [[1, 1, 0, 0]], **UNITS, largest=6).feasible
    every = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [1, 1, 1, 1]])
    assert store(every, every[::-1], **UNITS).residuals.max() > 0.1
    with pytest.raises(DefinitionError, match="followed by two patterns"):
        store([[1, 0], [1, 0]], [[0, 1], [1, 1]])
    with pytest.raises(DefinitionError, match="no pairs of patterns"):
        store([[1, 2]], [[0, 1]])


WRONG = {
    "networks/binary_small": "60 units have 2\\^60 states",
    "networks/binary_balanced": "not a sum of inputs and Gaussian noise",
    "networks/wilson_cowan": "a unit has one state",
    "networks/brunel2000": "passes spikes on",
    "neurons/lif": "not a network",
}


@pytest.mark.parametrize("model", WRONG)
def test_what_is_no_small_binary_network_is_refused(model: str) -> None:
    with pytest.raises(DefinitionError, match=WRONG[model]) as error:
        chain(model)
    assert error.value.remedy


def test_wrong_numbers_are_named() -> None:
    with pytest.raises(DefinitionError, match="without noise"):
        chain(four(sigma=0))
    with pytest.raises(DefinitionError, match="units of units are not equal"):
        lump(random(4))
    with pytest.raises(DefinitionError, match="lumped states are too many"):
        lump(from_matrix(np.zeros((300, 300)), groups={"E": range(150), "I": range(150, 300)}))
    with pytest.raises(DefinitionError, match="I, which differs"):
        rectangles(four(I=[1, 2, 0, 0]))
    with pytest.raises(DefinitionError, match="no population 'X'"):
        attractors(four(), {"X": 1})
    with pytest.raises(DefinitionError, match="up to 2\\^14"):
        oscillations(random(15))
    with pytest.raises(DefinitionError, match="pieces of paths"):
        oscillations(random(6), budget=10)
    with pytest.raises(DefinitionError, match="distinct units"):
        moments.cumulant_V(chain(four()), [0, 0])

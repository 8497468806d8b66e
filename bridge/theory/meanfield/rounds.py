"""One round of the solver, and what several say together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...records import dataclass
from .estimate import Estimate

Floats = NDArray[np.float64]
NOISE = 3.0  # standard errors within which a difference is taken for noise
SETTLED = 0.8  # change of spectra, over what chance makes of it in NOISE standard errors
STATIC = 1e-3  # of what is static: changes that are smaller do not count
STEADY = 3  # rounds in which a band goes one way before that is no chance
FAINT = 1e-6  # of the strongest band's density: single precision ends below


@dataclass(frozen=True, eq=False)
class Round:
    """One pass: ``residual`` = m_out - m, ``errors`` of m_out, ``gain`` G, all by output.

    ``moves`` (outputs, bands): ln S_out/S in octaves of frequency, over its standard error.
    """

    means: Floats
    residual: Floats
    errors: Floats
    gain: Floats
    change: float  # of the spectra, over what chance makes of it
    moves: Floats
    estimates: tuple[Estimate, ...]

    @property
    def corrected(self) -> Floats:
        """The means after a Newton step."""
        inverse = np.linalg.solve(np.eye(len(self.means)) - self.gain, self.residual)
        found: Floats = self.means + inverse
        return found

    @property
    def responses(self) -> bool:
        """Whether responses to the variance were measured too."""
        return all(e.variance_response or not e.chi for e in self.estimates)

    @property
    def quiet(self) -> bool:
        """Whether what is left is noise, by this round alone."""
        still = self.change <= SETTLED
        return still and bool((np.abs(self.residual) <= NOISE * self.errors).all())


def settled(rounds: Sequence[Round]) -> bool:
    """Whether what is left is noise: the last round is quiet, and no octave of any spectrum has
    moved one way, by more than chance, in the last `STEADY` rounds.

    The octaves matter because all of a spectrum's power may be at low frequencies, where it is
    right long before its tail is.
    """
    if len(rounds) < STEADY or not rounds[-1].quiet:
        return False
    moves = np.array([r.moves for r in rounds[-STEADY:]])
    one_way = (moves > NOISE).all(axis=0) | (moves < -NOISE).all(axis=0)
    return not bool(one_way.any())


def moves(before: Floats, after: Floats, units: int) -> Floats:
    """ln S_out/S by octave, over its standard error 1/sqrt(units x frequencies); 0 where faint."""
    first = 2 ** np.arange(int(np.log2(before.shape[1] - 1)) + 1)
    counts = np.diff(first, append=before.shape[1])
    S, out = (np.add.reduceat(x, first, axis=1) for x in (before, after))
    loud = (out > FAINT * (out / counts).max(axis=1, keepdims=True) * counts) & (S > 0)
    ratio = np.divide(out, S, out=np.ones_like(out), where=loud)
    found: Floats = np.log(ratio) * np.sqrt(units * counts)
    return found


def alignment(a: Floats, b: Floats) -> float:
    """The cosine between two changes, without what is static."""
    a, b = a[:, 1:], b[:, 1:]
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float((a * b).sum()) / norm if norm > 0 else 0.0


def standard_error(kept: list[Round], twins: Sequence[int]) -> Floats:
    """Of the mean over rounds: from their scatter, at least from what each says of itself.

    ``twins``: output -> the output that it is a copy of.
    """
    values = np.array([r.corrected for r in kept])
    own = np.mean([_own_error(r, twins) for r in kept], axis=0)
    if len(kept) > 1:
        own = np.maximum(own, values.std(axis=0, ddof=1))
    found: Floats = own / np.sqrt(len(kept))
    return found


def _own_error(r: Round, twins: Sequence[int]) -> Floats:
    """The errors of the outputs after the Newton step; those of copies are one error."""
    inverse = np.linalg.inv(np.eye(len(r.means)) - r.gain)
    total = np.zeros(len(r.means))
    for first in set(twins):
        together = np.where(np.asarray(twins) == first, r.errors, 0.0)
        total += np.square(inverse @ together)
    return np.asarray(np.sqrt(total))


def shown(value: float, spiking: bool, dt: float) -> str:
    return f"{1e3 * value / dt:.4g} Hz" if spiking else f"{value:.4g}"

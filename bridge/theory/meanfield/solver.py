"""The stationary solution: input -> output -> input until both are the same.

Each round draws new Gaussian input of the present mean and spectrum, runs the ensemble, and takes
a quasi-Newton step on the means, m + (1 - G)^-1 (m_out - m), G_ab = sum K J chi_a(0) measured in
the same run (plain iteration needs a damping below 2/(1 + |G|)). Spectra take such a step too,
S + (1 - D)^-1 (S_out - S), D_ab = sum K (J^2 + s2) |chi_a|^2 at each frequency: what a linear unit
hands on. When what is left is noise, rounds are averaged until the standard error is small enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ...errors import NoConvergence
from .blueprint import Blueprint
from .ensemble import Ensemble
from .estimate import Estimate, estimate, static_response
from .gaussian import WIDE, draw_modes, paths, smooth, variance
from .inputs import Input, external, sent_shapes, total
from .result import largest_eigenvalue
from .rounds import (
    NOISE,
    SETTLED,
    STATIC,
    Round,
    alignment,
    moves,
    settled,
    shown,
    standard_error,
)

Floats = NDArray[np.float64]
BACK, SLOWER, SLOWEST = -0.3, 0.6, 0.2  # a change that turns back makes steps smaller, to a limit
COMMON = 0.4  # share of a step of what units have in common
HANDED = 0.6  # largest D that is believed: 1/(1 - D) multiplies the noise
LEAP = 0.5  # largest relative change of a mean in one round
FALL = 0.95  # largest relative decrease of a spectrum in one round


class Solver:
    """The iteration and what it has come to."""

    def __init__(self, plan: Blueprint, units: int, window: int | None, at: int, seed: int) -> None:
        self.plan, self.units, self.at, self.seed = plan, units, at, seed
        self.ensembles = {n: Ensemble(plan, n, units, seed) for n in plan.kinds}
        self.memory = max(e.memory for e in self.ensembles.values())
        self.L = window or max(1 << int(np.ceil(np.log2(3 * self.memory))), 1024)
        self.warm = min(self.memory, self.L)
        count = len(plan.outputs)
        self.means, self.spectra = np.zeros(count), np.zeros((count, self.L // 2 + 1))
        self.outside = {
            (n, p): external(plan, n, p, at, self.L) for n in plan.kinds for p in plan.ports_of(n)
        }
        self.common_of: Callable[[Solver], Mapping[tuple[str, str], Floats]] | None = None
        self.common: dict[tuple[str, str], Floats] = {}
        self.twins = [plan.twin_output(i) for i in range(count)]
        self.rounds: list[Round] = []
        self.shift = np.zeros((count, self.L // 2 + 1))  # of the spectra in the last round
        self.turned = 0.0  # how far that is the way of the round before: -1 to 1
        self.share = 1.0  # of a Newton step that spectra take

    def begin(self, start: Mapping[str, float]) -> None:
        """First guesses: ``start`` by label of the output (kHz, or the signal), else 5 Hz or what
        the initial states send; spectra of a Poisson train, or of a decay over the memory.
        """
        for i, output in enumerate(self.plan.outputs):
            if output.spiking:
                rate = start.get(output.label, 0.005)
                self.means[i] = rate * self.plan.dt
                self.spectra[i] = max(self.means[i], 1e-12)
                continue
            ensemble = self.ensembles[self.plan.twins[output.population]]
            sent = np.asarray(ensemble.sent(output), float)
            self.means[i] = start.get(output.label, float(sent.mean()))
            spread = float(sent.var()) or 1e-2 * max(self.means[i] ** 2, 1.0)
            decay = self.memory / 10.0
            omega = 2.0 * np.pi * np.arange(self.L // 2 + 1) / self.L
            shape = 2.0 * decay / (1.0 + (decay * omega) ** 2)
            self.spectra[i] = spread * shape / variance(shape)

    def input_of(self, population: str, port: str) -> Input:
        """Mean and spectrum of a port at present."""
        key = population, port
        common = self.common.get(key) if self.common_of else None
        return total(self.plan, *key, self.outside[key], self.means, self.spectra, common)

    def round(self, second: bool = False) -> Round:
        """Draw, run, measure; the solution so far stays as it is, but for what is in common."""
        if self.common_of is not None:
            self._renew_common()
        second = second or self.common_of is not None
        found: list[Estimate | None] = [None] * len(self.plan.outputs)
        number = len(self.rounds)
        for place, (name, ensemble) in enumerate(self.ensembles.items()):
            rng = np.random.default_rng((self.seed, number, place))
            inputs = {p: self.input_of(name, p) for p in self.plan.ports_of(name)}
            modes = {p: draw_modes(x.spectrum, ensemble.units, rng) for p, x in inputs.items()}
            given = {p: paths(modes[p], x.mean) for p, x in inputs.items()}
            # the last round's states are near: half the memory is enough
            warm = self.warm // 2 if self.rounds else self.L
            sent = ensemble.run(given, self.L, self.at, warm, number)
            spectra = {p: x.spectrum for p, x in inputs.items()}
            sent_by = (self.plan, name, self.twins, self.means, self.spectra)
            shapes = sent_shapes(*sent_by) if second else {}
            for i, y in zip(self.plan.outputs_of(name), sent, strict=True):
                found[i] = estimate(y, modes, spectra, ensemble.currents, second, shapes)
        whole = [found[i] for i in self.twins]
        estimates = tuple(e for e in whole if e is not None)
        made = self._round(estimates)
        self.rounds.append(made)
        return made

    def _renew_common(self) -> None:
        assert self.common_of is not None
        if not self.rounds[-1].responses:
            return  # until a round has measured the responses
        for key, spectrum in self.common_of(self).items():
            before = self.common.get(key, np.zeros(len(spectrum)))
            self.common[key] = before + COMMON * (spectrum - before)

    def error_of(self, kept: list[Round]) -> Floats:
        """Standard errors of the means over ``kept``."""
        return standard_error(kept, self.twins)

    def _round(self, estimates: tuple[Estimate, ...]) -> Round:
        spectra = np.array([e.spectrum for e in estimates])
        before, self.shift = self.shift, spectra - self.spectra
        self.turned = alignment(before, self.shift)
        out = np.array([e.mean for e in estimates])
        errors = np.array([e.error for e in estimates])
        return Round(
            self.means.copy(),
            out - self.means,
            errors,
            self._gain(estimates),
            self._change(estimates),
            moves(self.spectra, spectra, self.units),
            estimates,
        )

    def _gain(self, estimates: tuple[Estimate, ...]) -> Floats:
        count = len(estimates)
        G = np.zeros((count, count))
        for i, (output, e) in enumerate(zip(self.plan.outputs, estimates, strict=True)):
            for link in self.plan.links_to(output.population):
                G[i, link.output] += link.degrees.coupling * static_response(e.chi[link.port])
        return G

    def _change(self, estimates: tuple[Estimate, ...]) -> float:
        """The largest ||S_out - S|| over what chance makes of it."""
        worst = 0.0
        for S, e in zip(self.spectra, estimates, strict=True):
            moving = float(np.linalg.norm(e.spectrum[1:]))
            expected = (moving + STATIC * e.spectrum[0]) / np.sqrt(self.units)
            if expected > 0:
                worst = max(worst, float(np.linalg.norm((e.spectrum - S)[1:])) / expected / NOISE)
        return worst

    def step(self, last: Round) -> None:
        """Move means and spectra towards what came out."""
        wanted = last.corrected
        spread = np.array([np.sqrt(max(variance(e.spectrum), 0.0)) for e in last.estimates])
        limit = LEAP * np.maximum(np.abs(last.means), np.abs(last.means + last.residual)) + (
            np.array([0.0 if o.spiking else 1.0 for o in self.plan.outputs]) * LEAP * spread
        )
        self.means = last.means + np.clip(wanted - last.means, -limit, limit)
        for i, output in enumerate(self.plan.outputs):
            if output.spiking:
                self.means[i] = max(self.means[i], 0.0)
        if self.turned < BACK and last.change > SETTLED:
            self.share = max(SLOWER * self.share, SLOWEST)
        self._move_spectra(last, self.share)

    def _move_spectra(self, last: Round, share: float) -> None:
        """By ``share`` of the Newton step; what is static, at frequency 0, goes its own way."""
        shift = self.shift.copy()
        even = np.array([smooth(x, WIDE).real for x in shift])
        D = self._handed_on(last.estimates)
        newton = np.linalg.solve(np.eye(len(D[0])) - D, even.T[..., None])[..., 0].T
        shift[:, 1:] += (newton - even)[:, 1:]
        self.spectra = np.maximum(self.spectra + share * shift, (1.0 - FALL) * self.spectra)

    def _handed_on(self, estimates: tuple[Estimate, ...]) -> Floats:
        """D (frequencies, outputs, outputs); rows add up to no more than `HANDED`."""
        count = len(estimates)
        D = np.zeros((self.L // 2 + 1, count, count))
        for i, (output, e) in enumerate(zip(self.plan.outputs, estimates, strict=True)):
            for link in self.plan.links_to(output.population):
                d = link.degrees
                own = d.private if self.common_of else d.variance
                D[:, i, link.output] += own * np.abs(e.chi[link.port]) ** 2
        found: Floats = D * (HANDED / np.maximum(D.sum(axis=2, keepdims=True), HANDED))
        return found

    def settle(self, most: int) -> None:
        """Rounds until what is left is noise.

        Raises:
            NoConvergence: not within ``most`` rounds; says what was tried and the loop gain.
        """
        for _ in range(most):
            last = self.round()
            if settled(self.rounds):
                return
            self.step(last)
        raise self._lost(most)

    def _lost(self, most: int) -> NoConvergence:
        last = self.rounds[-1]
        gain = largest_eigenvalue(last.gain)
        loop = f"{gain.real:.4g}" + (f" {gain.imag:+.4g}i" if gain.imag else "")
        listed = "; ".join(
            f"{o.label}: in {shown(m, o.spiking, self.plan.dt)}, "
            f"out {shown(m + r, o.spiking, self.plan.dt)}"
            for o, m, r in zip(self.plan.outputs, last.means, last.residual, strict=True)
        )
        return NoConvergence(
            f"the mean field did not converge in {most} rounds of {self.L} bins ({listed}); tried: "
            f"quasi-Newton steps on means and spectra; spectra changed by "
            f"{last.change:.3g} of what chance allows; the loop gain is {loop}",
            model=self.plan.label,
            symbol="gain",
            remedy="start elsewhere (start), take more units or rounds, or a network whose "
            "stationary state is stable",
        )

    def average(self, tolerance: float, least: int, most: int) -> list[Round]:
        """Rounds whose averages are the solution: until its standard error is within tolerance."""
        kept: list[Round] = []
        for _ in range(most):
            kept.append(self.round(second=True))
            self.means = np.mean([r.corrected for r in kept], axis=0)
            weight = 1.0 / (len(kept) + 1.0)
            self._move_spectra(kept[-1], weight)
            if len(kept) >= least and self._precise(kept, tolerance):
                break
        return kept

    def _precise(self, kept: list[Round], tolerance: float) -> bool:
        error = self.error_of(kept)
        last = kept[-1].estimates
        scale = [max(abs(e.mean), 0.0) for e in last]
        floor = [0.0 if o.spiking else np.sqrt(max(variance(e.spectrum), 0.0))
                 for o, e in zip(self.plan.outputs, last, strict=True)]  # fmt: skip
        return bool((error <= tolerance * np.maximum(scale, floor) + 1e-15).all())

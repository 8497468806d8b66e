"""Every error a user can meet. One base class; each error says where, what and how to mend it."""

from __future__ import annotations


class SpikebridgeError(Exception):
    """Base of all errors: one line that names model, line, symbol and remedy.

    ``exit_code`` is what the command line returns: 2 bad input, 3 a simulator or a compiler is
    missing, 4 it failed while running.
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        model: str | None = None,
        line: str | int | None = None,
        symbol: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.model = model
        self.line = line
        self.symbol = symbol
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = [str(self.model)] if self.model else []
        if isinstance(self.line, int):
            place.append(f"line {self.line}")
        elif self.line:
            place.append(f"in `{self.line}`")
        if self.symbol:
            place.append(f"at `{self.symbol}`")
        head = f"{', '.join(place)}: " if place else ""
        tail = f"; {self.remedy}" if self.remedy else ""
        return f"{head}{self.problem}{tail}"

    def at(
        self,
        *,
        model: str | None = None,
        line: str | int | None = None,
        symbol: str | None = None,
    ) -> SpikebridgeError:
        """The same error with the missing parts of its place filled in."""
        self.model = self.model or model
        self.line = self.line or line
        self.symbol = self.symbol or symbol
        self.args = (str(self),)
        return self


class DefinitionError(SpikebridgeError):
    """A model or network says something that is wrong or incomplete."""


class ExpressionError(DefinitionError):
    """An expression uses syntax, a name or a function that is not allowed."""


class UnitError(DefinitionError):
    """Dimensions do not fit, or a unit is unknown."""


class Unsupported(SpikebridgeError):
    """A simulator cannot do what is asked; nothing else was run instead."""


class SimulatorMissing(SpikebridgeError):
    """A simulator or a compiler is not installed."""

    exit_code = 3


class SimulationFailed(SpikebridgeError):
    """A simulator, a compiler or a child process failed while working."""

    exit_code = 4


class NoConvergence(SpikebridgeError):
    """An iteration of theory did not come to an end; says what was tried."""

    exit_code = 4

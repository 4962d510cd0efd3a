"""The life of a sale as a table: which step is taken from which state, and where it leads. Pure.

`incomplete -> completed | cancelled`, `completed -> reversed`; a lock stands beside the state and forbids the steps
that would undo or rewrite the sale. Money and returns are taken after a lock too: they are documents of their own day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal

from duka.platform.errors import DukaError

State = Literal["incomplete", "completed", "cancelled", "reversed"]
StepName = Literal[
    "edit", "pay", "complete", "cancel", "credit", "debit", "approve", "lock", "reject", "reverse", "correct"
]

STEPS: Final[Mapping[StepName, Mapping[State, State]]] = MappingProxyType({
    "edit": {"incomplete": "incomplete"},
    "pay": {"incomplete": "incomplete", "completed": "completed"},
    "complete": {"incomplete": "completed"},
    "cancel": {"incomplete": "cancelled"},
    "credit": {"completed": "completed"},
    "debit": {"completed": "completed"},
    "approve": {"completed": "completed"},
    "lock": {"completed": "completed"},
    "reject": {"completed": "reversed"},
    "reverse": {"completed": "reversed"},
    "correct": {"completed": "reversed"},
})  # fmt: skip
"""Every step there is, with the states it may be taken from and the state it leads to."""

UNLOCKED_ONLY: Final[frozenset[StepName]] = frozenset({"edit", "cancel", "reject", "reverse", "correct"})
"""Steps that a lock forbids."""


@dataclass(eq=False)
class StepNotAllowed(DukaError):
    """The sale is in a state from which this step does not lead anywhere."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "This cannot be done with a sale that is {state}."
    damaged: ClassVar[bool] = True
    step: str
    state: str


@dataclass(eq=False)
class SaleLocked(DukaError):
    """The sale, or the day it belongs to, was checked and locked."""

    text: ClassVar[str] = "This sale is locked and stays as it is."


@dataclass(eq=False)
class SaleInvoiced(DukaError):
    """The sale has its invoice, which nobody changes: correct the sale instead."""

    text: ClassVar[str] = "This sale has its invoice. Correct it: a credit note and a new sale are made together."


def after(step: StepName, sale: Mapping[str, Any]) -> State:
    """Give the state a step leads to from where the sale stands. StepNotAllowed, SaleLocked."""
    state: State = sale["state"]
    if state not in STEPS[step]:
        raise StepNotAllowed(step, state)
    if sale["locked_at"] is not None and step in UNLOCKED_ONLY:
        raise SaleLocked
    return STEPS[step][state]

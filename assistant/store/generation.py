"""`Generation`: which state of the store something was made from."""

import secrets
import sqlite3
from dataclasses import dataclass

from assistant.store.damage import sound_rows


@dataclass(frozen=True, slots=True)
class Generation:
    """One committed state of a store.

    Attributes:
        number: How many transactions the store has seen.
        stamp: Drawn anew by each transaction, so that two copies of a store that went different ways differ.
    """

    number: int
    stamp: str


def new_stamp() -> str:
    """Draw the stamp of a new state."""
    return secrets.token_hex(6)


def read_generation(connection: sqlite3.Connection) -> Generation:
    """Return the state that the connection's transaction sees."""
    with sound_rows(connection, "state"):
        return Generation(*connection.execute("SELECT generation, stamp FROM state").fetchone())


def advance(connection: sqlite3.Connection) -> None:
    """Make the connection's transaction a new state."""
    connection.execute("UPDATE state SET generation = generation + 1, stamp = ?", (new_stamp(),))

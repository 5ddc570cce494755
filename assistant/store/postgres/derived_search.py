"""`DerivedSearch`: candidates by a search engine beside the database, as the database's snapshot has them.

A writer puts rows into the engine, then commits in the database; whoever reads asks the engine for more than it needs,
and drops what its snapshot does not have. So a writer that is killed at any point leaves nothing that a reader sees.
The database scores what is left, exactly; where the engine cannot be relied on, it searches by itself.
"""

import logging
from collections.abc import Callable, Sequence

import numpy as np

from assistant.embedding.encoder import Vector
from assistant.errors import StoreError
from assistant.settings import EngineUrl
from assistant.store.passage_store import Candidate, Filters
from assistant.store.postgres import engine_rows, vectors, words
from assistant.store.postgres.connections import Connection, Connections
from assistant.store.search_engine import SearchEngine, open_engine

_log = logging.getLogger(__name__)

_BATCH = 500


class DerivedSearch:
    """A search engine that follows a store in PostgreSQL.

    Args:
        connections: To the store.
        address: Of the engine.
        fingerprint: What the store was built with.
        dimension: Length of a vector.
        lock_turn: Lets nobody else change what is there until the transaction ends, and raises where the store is
            another one by now.

    Raises:
        StoreError: the engine cannot be reached, or its client is not installed.
    """

    def __init__(
        self,
        connections: Connections,
        address: EngineUrl,
        fingerprint: str,
        dimension: int,
        lock_turn: Callable[[Connection], None],
    ) -> None:
        self._connections = connections
        self._address = address
        self._fingerprint = fingerprint
        self._lock_turn = lock_turn
        self._has_warned = False
        with connections.reading() as connection:
            store = engine_rows.store_id(connection)
        self._engine: SearchEngine = open_engine(address, store, fingerprint, dimension)
        try:
            with connections.writing() as connection:
                engine_rows.alone(connection)
                if not engine_rows.holds_any(connection):
                    self._engine.create()
            self.is_there = self._engine.exists()
        except BaseException:
            self._engine.close()
            raise

    def dense_candidates(
        self, connection: Connection, vector: Vector, k: int, filters: Filters | None
    ) -> list[Candidate] | None:
        """Return the nearest `k` passages, best first; None where the database has to find them."""
        fresh = self._freshness(connection, k, filters)
        if fresh is None:
            return None
        wanted = k + max(16, k // 2)
        while wanted <= self._engine.most:
            keys = self._engine.dense_candidates(vector, wanted, filters, fresh=fresh)
            numbers = engine_rows.visible(connection, keys)
            if len(numbers) >= k:
                return vectors.scored(connection, vector, numbers)[:k]
            if len(keys) < wanted:
                # It may have missed some.
                return None
            wanted *= 4
        return None

    def lexical_candidates(
        self, connection: Connection, terms: Sequence[str], k: int, filters: Filters | None
    ) -> list[Candidate] | None:
        """Return up to `k` passages by BM25, best first; None where the database has to find them."""
        fresh = self._freshness(connection, k, filters) if self._engine.has_words else None
        if fresh is None:
            return None

        def among(idfs: dict[str, float]) -> list[int] | None:
            asked: dict[int, float] = {}
            for word, idf in idfs.items():
                asked[engine_rows.word_number(word)] = idf
            # Lengths are weighed by the average of the day when a row was put: more are fetched than are asked for.
            wanted = 3 * k + 32
            while wanted <= self._engine.most:
                keys = self._engine.lexical_candidates(asked, wanted, filters, fresh=fresh)
                numbers = engine_rows.visible(connection, keys)
                if len(keys) < wanted or len(numbers) >= 2 * k:
                    return numbers
                wanted *= 4
            return None

        return words.lexical_candidates(connection, terms, k, filters, among)

    def add(self, connection: Connection, numbers: Sequence[int]) -> int:
        """Put passages of a transaction into the engine; returns how many have to be counted (`engine_rows.count`)."""
        return engine_rows.add(connection, self._engine, self._fingerprint, numbers)

    def clean(self) -> None:
        """Delete from the engine what no reader can see any more."""
        try:
            with self._connections.writing() as connection:
                if engine_rows.has_stale(connection):
                    engine_rows.clean(connection, self._engine)
        except StoreError as error:
            # What was to be changed is changed; the next change cleans up after this one too.
            _log.warning("%s", error)

    def fill(self) -> int:
        """Put all passages into the engine that it lacks, and drop what earlier settings left; returns how many."""
        if not self.is_there:
            return 0
        done = behind = 0
        while True:
            with self._connections.writing() as connection:
                engine_rows.begin(connection)
                self._lock_turn(connection)
                numbers = engine_rows.lacking(connection, behind, _BATCH) if self._lacks(connection) else []
                if not numbers:
                    break
                added = self.add(connection, numbers)
                engine_rows.count(connection, added)
            done += added
            behind = numbers[-1]
        if done:
            self._engine.drop_others()
        self._has_warned = False
        return done

    def problems(self, connection: Connection) -> list[str]:
        """Return what the engine lacks, a line for each kind."""
        if not self.is_there:
            return [f"the search engine {self._address} does not hold this store"]
        known = engine_rows.known(connection)
        missing = len(np.setdiff1d(known, engine_rows.held_by(self._engine)))
        lacking = engine_rows.state(connection)[0]
        counts = {"passages were not put into": lacking, "passages are lost in": missing}
        return [f"{number} {what} the search engine" for what, number in counts.items() if number]

    def level(self) -> list[str]:
        """Make the engine hold what the database does, and nothing else; returns what was done, a line each."""
        done = []
        if not self.is_there:
            with self._connections.writing() as connection:
                engine_rows.alone(connection)
                self._lock_turn(connection)
                engine_rows.lose(connection, engine_rows.known(connection))
                self._engine.create()
            self.is_there = True
        # Before the lock: of what is there by then, every transaction has ended when the lock is had.
        held = engine_rows.held_by(self._engine)
        with self._connections.writing() as connection:
            engine_rows.alone(connection)
            self._lock_turn(connection)
            known = engine_rows.known(connection)
            engine_rows.lose(connection, np.setdiff1d(known, held))
            extra = np.setdiff1d(held, np.union1d(known, engine_rows.leaving(connection)))
            self._engine.delete(extra.tolist())
        if len(extra):
            done.append(f"{len(extra)} rows of no passage were deleted from the search engine")
        added = self.fill()
        if added:
            done.append(f"{added} passages were put into the search engine")
        self.clean()
        return done

    def close(self) -> None:
        """Release connections."""
        self._engine.close()

    def _lacks(self, connection: Connection) -> int:
        return engine_rows.state(connection)[0]

    def _freshness(self, connection: Connection, k: int, filters: Filters | None) -> bool | None:
        """Return whether the engine has to wait for what was put just now; None where it cannot be relied on."""
        if k < 1 or (filters and (filters.articles or filters.sources)):
            return None
        if filters and not all(map(engine_rows.is_language, filters.languages)):
            return None
        lacking, fresh, is_old = engine_rows.state(connection)
        if lacking or not self.is_there:
            if not self._has_warned:
                self._has_warned = True
                _log.warning(
                    "The search engine %s lacks %d passages, so the database is searched: `assistant repair` puts them "
                    "there.",
                    self._address,
                    lacking,
                )
            return None
        return None if is_old else fresh

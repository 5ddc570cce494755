"""Dense search by pgvector: exact, and by an HNSW index where a store is large."""

from collections.abc import Sequence

import numpy as np

from assistant.embedding.encoder import Matrix, Vector
from assistant.store.passage_store import Candidate, Filters
from assistant.store.postgres.connections import Connection, Connections
from assistant.store.postgres.filters import of_passages

INDEXED_FROM = 200_000
"""So many passages are searched one by one, which finds exactly the nearest; more by an index, which may miss some."""
INDEX = "vectors_by_likeness"
_MOST_INDEXED_DIMENSIONS = 2000
_MOST_SEARCHED = 1000
_LOCK = "article-assistant: index"


def dense_candidates(connection: Connection, vector: Vector, k: int, filters: Filters | None) -> list[Candidate]:
    """Return the `k` passages with the largest inner product with `vector`, best first."""
    if k < 1:
        return []
    if k > _MOST_SEARCHED // 2:
        # More than an index looks at.
        connection.execute("SET LOCAL enable_indexscan = off")
    else:
        connection.execute(
            f"SET LOCAL enable_indexscan = on; SET LOCAL hnsw.ef_search = {min(4 * k, _MOST_SEARCHED)}; "
            "SET LOCAL hnsw.iterative_scan = strict_order"
        )
    where, parameters = of_passages(filters)
    distance = f"vector::vector({len(vector)}) <#> %(vector)b::float8[]::vector"
    rows = connection.execute(
        f"SELECT passage_id, -({distance}) FROM vectors WHERE {where} ORDER BY {distance} LIMIT %(k)s",  # noqa: S608 - as above
        {**parameters, "vector": vector.tolist(), "k": k},
    )
    return sorted((Candidate(*row) for row in rows), key=lambda one: (-one.score, one.passage_id))


def read(connection: Connection, wanted: Sequence[int], dimension: int) -> dict[int, Vector]:
    """Return pooled vectors by passage."""
    rows = connection.execute(
        "SELECT passage_id, vector_send(vector) FROM vectors WHERE passage_id = ANY(%s)", [list(wanted)], binary=True
    )
    return {number: _unpacked(data).reshape(dimension) for number, data in rows}


def put(connection: Connection, numbers: Sequence[int], vectors: Matrix) -> None:
    """Store the pooled vectors of passages."""
    with connection.cursor().copy("COPY vectors FROM STDIN (FORMAT BINARY)") as copy:
        # To the client they are bytes; the server reads them as vectors.
        copy.set_types(["int8", "bytea"])
        for number, vector in zip(numbers, vectors, strict=True):
            copy.write_row((number, _packed(vector)))


def keep_index(connections: Connections, dimension: int) -> None:
    """Make the index where a store has become large enough for it, unless another process is about to.

    Readers and writers go on meanwhile.
    """
    with connections.reading() as connection:
        row = connection.execute(
            "SELECT passages, (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)) FROM state", [INDEX]
        ).fetchone()
    if row is None or row[1] or row[0] < INDEXED_FROM or dimension > _MOST_INDEXED_DIMENSIONS:
        return
    with connections.outside() as connection:
        lock = "hashtextextended(%s, 0)"
        if connection.execute(f"SELECT pg_try_advisory_lock({lock})", [_LOCK]).fetchone() != (True,):
            return
        try:
            # One that was not finished is there and of no use.
            _drop(connection)
            connection.execute(
                f"CREATE INDEX CONCURRENTLY {INDEX} ON vectors USING hnsw ((vector::vector({dimension})) vector_ip_ops)"
            )
        finally:
            connection.execute(f"SELECT pg_advisory_unlock({lock})", [_LOCK])


def drop_index(connections: Connections) -> None:
    """Remove the index, for vectors of another length; `keep_index` makes it anew."""
    with connections.outside() as connection:
        _drop(connection)


def _drop(connection: Connection) -> None:
    connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")


def _packed(vector: Vector) -> bytes:
    """Return a vector as pgvector sends it: dimension and a reserved number, of 16 bits, then its numbers."""
    return len(vector).to_bytes(2, "big") + bytes(2) + vector.astype(">f4").tobytes()


def _unpacked(data: bytes) -> Vector:
    return np.frombuffer(data, ">f4", offset=4).astype(np.float32)

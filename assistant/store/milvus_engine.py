"""`MilvusEngine`: a Milvus collection as a search engine. Not imported without its extra."""

import hashlib
import importlib.util
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import grpc

from assistant.embedding.encoder import Vector
from assistant.errors import StoreError
from assistant.settings import EngineUrl
from assistant.store.passage_store import Filters
from assistant.store.search_engine import NO_DAY, EngineRow

if TYPE_CHECKING:
    from pymilvus import MilvusClient

_LAYOUT = 1
"""Of a collection's fields; another one makes another collection."""
_PREFIX = "article_assistant"
_MOST = 16_384
_CONNECT_SECONDS = 10.0
_SECONDS = 60.0
_SEARCH_SECONDS = 10.0
_PORT = 19_530
_BATCH = 1000
_WITH_SPARSE = (2, 4)
_NOT_CONNECTED = 2
_NO_WORDS = 0
"""The number that is no word's: an empty vector is refused."""
_EPOCH = date(1970, 1, 1)


class MilvusEngine:
    """A `SearchEngine` in a collection of a Milvus server, or for trials in a file of Milvus Lite.

    Args:
        address: milvus+http://USER:PASSWORD@HOST:PORT/DATABASE, milvus+https:// likewise, or milvus+file:///PATH.db.
        store: Names the store.
        fingerprint: What its vectors and words were made with; each has a collection of its own.
        dimension: Length of a vector.

    Raises:
        StoreError: it cannot be reached.
    """

    most = _MOST

    def __init__(self, address: EngineUrl, store: str, fingerprint: str, dimension: int) -> None:
        self._address = address
        self._is_file = address.get_secret_value().startswith("milvus+file:")
        self._dimension = dimension
        self._others = f"{_PREFIX}_{re.sub('[^0-9a-z]', '', store)}_"
        self._name = self._others + hashlib.sha256(f"{_LAYOUT} {fingerprint}".encode()).hexdigest()[:16]
        with self._explained("connect"):
            self._client = _connected(address)
            self.has_words = _version(self._client) >= _WITH_SPARSE
        if self.exists():
            self._load()

    def exists(self) -> bool:
        """Return whether the store's collection is there."""
        with self._explained():
            return bool(self._client.has_collection(self._name, timeout=_SECONDS))

    def create(self) -> None:
        """Make the collection, where it is not there."""
        from pymilvus import DataType  # noqa: PLC0415 - takes seconds

        if self.exists():
            return
        with self._explained():
            schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("key", DataType.INT64, is_primary=True)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._dimension)
            schema.add_field("language", DataType.VARCHAR, max_length=35)
            schema.add_field("day", DataType.INT64)
            indexes = self._client.prepare_index_params()
            if self._is_file:
                # Some versions of Lite know no graph.
                indexes.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
            else:
                size = {"M": 16, "efConstruction": 200}
                indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=size)
            if self.has_words:
                schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
                indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
            self._client.create_collection(
                self._name, schema=schema, index_params=indexes, consistency_level="Bounded", timeout=_SECONDS
            )
        self._load()

    def dense_candidates(self, vector: Vector, k: int, filters: Filters | None, *, fresh: bool) -> list[int]:
        """Return the keys of the nearest `k` rows, best first."""
        parameters = {} if self._is_file else {"ef": min(max(4 * k, 64), 2 * _MOST)}
        return self._search("vector", vector.tolist(), k, filters, fresh, parameters)

    def lexical_candidates(
        self, words: Mapping[int, float], k: int, filters: Filters | None, *, fresh: bool
    ) -> list[int]:
        """Return the keys of the `k` rows whose words weigh most, best first."""
        return self._search("words", dict(words), k, filters, fresh, {})

    def upsert(self, rows: Sequence[EngineRow]) -> None:
        """Put rows, or put them again."""
        for start in range(0, len(rows), _BATCH):
            data = [self._entity(row) for row in rows[start : start + _BATCH]]
            with self._explained():
                self._client.upsert(self._name, data, timeout=_SECONDS)

    def delete(self, keys: Sequence[int]) -> None:
        """Delete rows; keys that are not there are passed over."""
        for start in range(0, len(keys), _BATCH):
            with self._explained():
                self._client.delete(self._name, ids=list(keys[start : start + _BATCH]), timeout=_SECONDS)

    def all_keys(self) -> Iterator[list[int]]:
        """Give the keys of all rows."""
        with self._explained():
            # An iterator does not wait for what was put just now; after this it need not.
            self._client.query(
                self._name, filter="key == 0", output_fields=["key"], consistency_level="Strong", timeout=_SECONDS
            )
            found = self._client.query_iterator(
                self._name,
                batch_size=_BATCH,
                filter=f"day >= {NO_DAY}",
                output_fields=["key"],
                consistency_level="Strong",
                timeout=_SECONDS,
            )
            try:
                while rows := found.next():
                    yield [row["key"] for row in rows]
            finally:
                found.close()

    def drop_others(self) -> None:
        """Drop the store's collections of other fingerprints."""
        with self._explained():
            for name in self._client.list_collections(timeout=_SECONDS):
                if name.startswith(self._others) and name != self._name:
                    self._client.drop_collection(name, timeout=_SECONDS)

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    def _load(self) -> None:
        with self._explained():
            self._client.load_collection(self._name, timeout=_SECONDS)
            # The server may have learnt to find by words after the collection was made.
            fields = self._client.describe_collection(self._name, timeout=_SECONDS)["fields"]
            self.has_words = any(field["name"] == "words" for field in fields)

    def _search(
        self, field: str, query: Any, k: int, filters: Filters | None, fresh: bool, parameters: dict[str, int]
    ) -> list[int]:
        with self._explained():
            (hits,) = self._client.search(
                self._name,
                data=[query],
                anns_field=field,
                limit=k,
                filter=_expression(filters),
                output_fields=["key"],
                search_params={"metric_type": "IP", "params": parameters},
                consistency_level="Strong" if fresh else "Bounded",
                timeout=_SEARCH_SECONDS,
            )
            return [hit["key"] for hit in hits]

    def _entity(self, row: EngineRow) -> dict[str, Any]:
        found = {"key": row.key, "vector": row.vector.tolist(), "language": row.language, "day": row.day}
        return found | {"words": dict(row.words) or {_NO_WORDS: 1.0}} if self.has_words else found

    @contextmanager
    def _explained(self, doing: str = "") -> Iterator[None]:
        from pymilvus.exceptions import MilvusException  # noqa: PLC0415 - takes seconds

        try:
            yield
        except (MilvusException, grpc.RpcError, OSError, ValueError) as error:
            reason = _reason(self._address, error)
            if "auth" in reason.casefold():
                raise StoreError(
                    "The search engine {engine} refuses the account ({reason}): correct user and password in "
                    "ASSISTANT_SEARCH.",
                    engine=self._address,
                    reason=reason,
                ) from error
            if doing or _is_unreached(error):
                raise StoreError(
                    "The search engine {engine} cannot be reached ({reason}): start it, or correct ASSISTANT_SEARCH.",
                    engine=self._address,
                    reason=reason,
                ) from error
            raise StoreError(
                "The search engine {engine} failed ({reason}): see its log; `assistant repair` makes anew what it has "
                "lost.",
                engine=self._address,
                reason=reason,
            ) from error


def _connected(address: EngineUrl) -> "MilvusClient":
    # Its settings are read from a file `.env` of whatever folder lies above, which could set ours too.
    before = os.environ.get("PYTHON_DOTENV_DISABLED")
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"
    try:
        from pymilvus import MilvusClient  # noqa: PLC0415 - takes seconds
    finally:
        if before is None:
            del os.environ["PYTHON_DOTENV_DISABLED"]
        else:
            os.environ["PYTHON_DOTENV_DISABLED"] = before
    # What fails is raised, and told once.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    scheme, _, rest = address.get_secret_value().removeprefix("milvus+").partition("://")
    if scheme == "file":
        if importlib.util.find_spec("milvus_lite") is None:
            raise StoreError(
                "The search engine {engine} needs a package that is not installed: pip install milvus-lite.",
                engine=address,
            )
        return MilvusClient(uri=rest, timeout=_CONNECT_SECONDS)
    parts = urlsplit(f"{scheme}://{rest}")
    try:
        port = parts.port or _PORT
    except ValueError:
        port = 0
    # What urllib says would quote a part of the password.
    if not port or not parts.hostname or "@" in parts.path + parts.query + parts.fragment:
        raise StoreError(
            "The search engine's address {engine} is malformed: write milvus+http://USER:PASSWORD@HOST:PORT/DATABASE, "
            "special characters of the password as %XX (@ is %40, / is %2F).",
            engine=address,
        )
    return MilvusClient(
        uri=f"{scheme}://{parts.hostname}:{port}",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        db_name=unquote(parts.path.strip("/")),
        timeout=_CONNECT_SECONDS,
        # A proxy of the environment is for the web, not for a server of one's own.
        grpc_options={"grpc.enable_http_proxy": 0},
    )


def _version(client: "MilvusClient") -> tuple[int, ...]:
    """Return the server's version; of one that does not tell it, as some Milvus Lites, a recent one."""
    try:
        found = re.search(r"(\d+)\.(\d+)", client.get_server_version())
    except grpc.RpcError as error:
        if _code(error) is not grpc.StatusCode.UNIMPLEMENTED:
            raise
        found = None
    return tuple(map(int, found.groups())) if found else _WITH_SPARSE


def _expression(filters: Filters | None) -> str:
    """Return Milvus' condition; the languages are known to be codes, so that nothing needs to be quoted."""
    parts = []
    if filters is not None and filters.languages:
        parts.append("language in [" + ", ".join(f'"{code}"' for code in filters.languages) + "]")
    if filters is not None and (filters.published_from or filters.published_to):
        first = (filters.published_from - _EPOCH).days if filters.published_from else NO_DAY + 1
        parts.append(f"day >= {first}")
    if filters is not None and filters.published_to:
        parts.append(f"day <= {(filters.published_to - _EPOCH).days}")
    return " and ".join(parts)


def _code(error: Exception) -> object:
    """Return the code of what failed: of gRPC, or a number of Milvus'."""
    code = getattr(error, "code", None)
    return code() if callable(code) else code


def _is_unreached(error: Exception) -> bool:
    return _code(error) in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, _NOT_CONNECTED}


def _reason(address: EngineUrl, error: Exception) -> str:
    """Return the first line of what the engine says, without the password should it be in it."""
    said = getattr(error, "message", "")
    if isinstance(error, grpc.RpcError):
        details = getattr(error, "details", None)
        said = (details() if callable(details) else "") or getattr(_code(error), "name", "")
    line = next(iter(str(said or error).strip().splitlines()), "") or type(error).__name__
    password = urlsplit(address.get_secret_value()).password
    return line.replace(unquote(password), "***").replace(password, "***") if password else line

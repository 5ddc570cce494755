"""The Hugging Face hub: which GGUF files a repository has, and what digests it declares for them."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from pydantic import ValidationError

from assistant.chat_models.catalogue import HUB, HubEntry, ModelFile
from assistant.errors import ModelError

USUAL_QUANT = "Q4_K_M"
CONNECT_SECONDS = 4.0
READ_SECONDS = 30.0
MOST_PAGES = 20
MOST_BYTES = 16 << 20

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_NAME = re.compile(rf"hf:(?P<repository>{_PART}/{_PART})(?::(?P<wanted>[A-Za-z0-9._-]+))?")
# What llama.cpp calls the ways to store weights, as it stands in the names of files.
_QUANT = re.compile(
    r"(?:^|[-._])((?:UD-)?(?:I?Q[1-8](?:_[A-Z0-9]+)*|TQ[12]_0|MXFP4(?:_MOE)?|BF16|FP?16|FP?32))(?=[-.]|$)",
    re.IGNORECASE,
)
_PIECE = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')


@dataclass(frozen=True, slots=True)
class HubFile:
    """A GGUF file of a repository: its path there, its size in bytes, the SHA-256 that the hub declares."""

    path: str
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.path.rpartition("/")[2]

    @property
    def quant(self) -> str:
        """How its weights are stored, as "Q4_K_M"; "" where its name does not say."""
        found = _QUANT.findall(self.name.removesuffix(".gguf"))
        return str(found[-1]).upper() if found else ""

    @property
    def pieces(self) -> int:
        """Into how many files the model is split that this one belongs to."""
        match = _PIECE.search(self.name)
        return int(match[2]) if match else 1


def endpoint() -> str:
    """Return the address of the hub, or of the mirror that `HF_ENDPOINT` names."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def is_offline() -> bool:
    """Tell whether the user wants no hub to be asked."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def authorisation() -> dict[str, str]:
    """Return the header with the user's token for the hub, `HF_TOKEN`, if there is one; it is for no other host."""
    token = os.environ.get("HF_TOKEN", "").strip()
    parts = urlsplit(endpoint())
    is_safe = parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")
    return {"Authorization": f"Bearer {token}"} if token and is_safe else {}


def find_on_hub(name: str) -> ModelFile:
    """Find a model on the hub.

    Args:
        name: "hf:OWNER/REPOSITORY:QUANT", with the name of a file in place of the quant where that is not enough;
            without either, the usual quant.

    Returns:
        Its file, with the digest that the hub declares.

    Raises:
        ModelError: the hub cannot be reached or refuses, or has no such model; the message says which quants it has.

    Example:
        >>> find_on_hub("hf:unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M").bytes  # doctest: +SKIP
        2497281120
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ModelError(
            "{name!r} names no model of the hub: write hf:OWNER/REPOSITORY:QUANT, as "
            "hf:unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M.",
            name=name,
        )
    repository, wanted = match["repository"], match["wanted"] or USUAL_QUANT
    file = _choose(repository, wanted, list(_gguf_files(repository)))
    shown = wanted if wanted.lower().endswith(".gguf") else file.quant
    try:
        return ModelFile(
            name=f"{HUB}{repository}:{shown}",
            file=file.name,
            bytes=file.bytes,
            sha256=file.sha256,
            sources=(HubEntry(repository=repository, path=file.path),),
        )
    except ValidationError as error:
        raise ModelError(
            "{repository} declares no size and SHA-256 for {file}, by which it is checked: choose another repository.",
            repository=repository,
            file=file.path,
        ) from error


def why_unreachable(repository: str) -> str:
    """Say why the hub does not give what a repository holds; "" where it does."""
    try:
        next(_gguf_files(repository), None)
    except ModelError as error:
        return str(error)
    return ""


def _choose(repository: str, wanted: str, files: list[HubFile]) -> HubFile:
    models = [file for file in files if not file.name.lower().startswith(("mmproj", "imatrix"))]
    found = [file for file in models if wanted.lower() in (file.name.lower(), file.path.lower(), file.quant.lower())]
    whole = [file for file in found if file.pieces == 1]
    if len(whole) == 1:
        return whole[0]
    if whole:
        raise ModelError(
            "{repository} has several files of {wanted}: choose one of hf:{repository}:{files}.",
            repository=repository,
            wanted=wanted,
            files=_listed(file.name for file in whole),
        )
    quants = _listed(sorted({file.quant for file in models if file.pieces == 1} - {""}))
    if found:
        raise ModelError(
            "{repository} has {wanted} split into {count} files, too many to pull: choose a whole one ({quants}).",
            repository=repository,
            wanted=wanted,
            count=found[0].pieces,
            quants=quants,
        )
    raise ModelError(
        "{repository} has no GGUF file of {wanted}: choose from {quants}.",
        repository=repository,
        wanted=wanted,
        quants=quants,
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _gguf_files(repository: str) -> Iterator[HubFile]:
    """Yield the GGUF files of a repository, page by page as the hub lists them."""
    root = endpoint()
    url = f"{root}/api/models/{repository}/tree/main?recursive=1"
    with httpx2.Client(timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS), follow_redirects=True) as client:
        for _ in range(MOST_PAGES):
            response = _ask(client, url, repository)
            listed = _json_list(response)
            for entry in listed:
                if isinstance(entry, dict) and str(entry.get("path", "")).lower().endswith(".gguf"):
                    lfs = entry.get("lfs")
                    lfs = lfs if isinstance(lfs, dict) else {}
                    size, digest = lfs.get("size", entry.get("size")), str(lfs.get("oid", "")).removeprefix("sha256:")
                    yield HubFile(str(entry["path"]), size if isinstance(size, int) else 0, digest)
            following = _NEXT.search(response.headers.get("Link", ""))
            if following is None or not following[1].startswith(f"{root}/"):
                return
            url = following[1]


def _ask(client: httpx2.Client, url: str, repository: str) -> httpx2.Response:
    host = urlsplit(url).netloc
    if is_offline():
        raise ModelError("HF_HUB_OFFLINE is set, so {host} is not asked: unset it to pull a model.", host=host)
    try:
        response = client.get(url, headers=authorisation())
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ModelError(
            "{host} cannot be reached ({reason}): check the network, or set HF_ENDPOINT to a mirror.",
            host=host,
            reason=f"{type(error).__name__}: {error}".splitlines()[0],
        ) from error
    if response.is_success:
        return response
    raise _refusal(response, host, repository)


def _refusal(response: httpx2.Response, host: str, repository: str) -> ModelError:
    code, kind = response.status_code, response.headers.get("X-Error-Code", "")
    # Without an account, the hub does not tell a repository that is not there from a private one: both are 401.
    if code == httpx2.codes.NOT_FOUND or kind == "RepoNotFound":
        return ModelError(
            "{host} has no repository {repository}, or it is private: check its name, or set HF_TOKEN.",
            host=host,
            repository=repository,
        )
    if code in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        return ModelError(
            "{host} does not let {repository} be read ({code}): accept its terms at {page}, then set HF_TOKEN to a "
            "token of that account.",
            host=host,
            repository=repository,
            code=code,
            page=f"{endpoint()}/{repository}",
        )
    return ModelError("{host} failed ({code}): try again later, or set HF_ENDPOINT to a mirror.", host=host, code=code)


def _json_list(response: httpx2.Response) -> list[Any]:
    try:
        listed = response.json() if len(response.content) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, list):
        raise ModelError(
            "{host} answers with something else than a list of files: check HF_ENDPOINT.", host=response.url.host
        )
    return listed

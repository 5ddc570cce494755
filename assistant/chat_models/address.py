"""A GGUF file at a web address, which goes by its digest."""

import re
from urllib.parse import unquote, urlsplit

import httpx2
from pydantic import ValidationError

from assistant.chat_models.catalogue import AddressEntry, ModelFile
from assistant.errors import ModelError

SECONDS = 30.0
CONNECT_SECONDS = 4.0
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TOTAL = re.compile(r"bytes \d+-\d+/(\d+)")


def at_address(url: str, sha256: str) -> ModelFile:
    """Return the file at a web address, which is asked for nothing but its size.

    Args:
        url: The address. What follows its path, which may be secret, is no part of the model's name.
        sha256: The digest of the file, in hexadecimal.

    Raises:
        ModelError: there is no such file there, or the digest is none.
    """
    parts = urlsplit(url)
    name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if not _DIGEST.fullmatch(sha256.lower()):
        raise ModelError(
            "A file from a web address is only taken with its digest: add --sha256 and its 64 hexadecimal digits."
        )
    try:
        return ModelFile(
            name=name,
            file=unquote(parts.path.rpartition("/")[2]),
            bytes=_size(url, name),
            sha256=sha256.lower(),
            sources=(AddressEntry(url=url),),
        )
    except ValidationError as error:
        raise ModelError(
            "{name} does not end in the name of a GGUF file: give the address of one.", name=name
        ) from error


def _size(url: str, name: str) -> int:
    """Ask for one byte: some servers that sign addresses answer no HEAD."""
    headers = {"Range": "bytes=0-0", "Accept-Encoding": "identity"}
    timeout = httpx2.Timeout(SECONDS, connect=CONNECT_SECONDS)
    try:
        with httpx2.stream("GET", url, headers=headers, timeout=timeout, follow_redirects=True) as response:
            response.raise_for_status()
            total = _TOTAL.fullmatch(response.headers.get("Content-Range", ""))
            return int(total[1] if total else response.headers.get("Content-Length", "0"))
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise ModelError(
            "{name} cannot be read ({reason}): check the address.",
            name=name,
            reason=f"{type(error).__name__}: {error}".splitlines()[0].replace(url, name),
        ) from error

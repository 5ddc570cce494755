"""Talking to this machine alone."""

import ipaddress
from typing import Any

LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Tell whether an address is one of this machine's own; names are not looked up, since they might lead anywhere.

    Example:
        >>> is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("192.168.1.7"), is_loopback("example.org")
        (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def loopback_clients() -> dict[str, Any]:
    """Return arguments for LangChain's OpenAI client, with which it asks no proxy that the environment names."""
    from openai import DefaultAsyncHttpxClient, DefaultHttpxClient  # noqa: PLC0415 - half a second that only a call should cost

    return {
        "http_client": DefaultHttpxClient(trust_env=False),
        "http_async_client": DefaultAsyncHttpxClient(trust_env=False),
    }


def loopback_errors() -> tuple[type[Exception], ...]:
    """Return what LangChain's OpenAI client raises when a model fails."""
    from openai import OpenAIError  # noqa: PLC0415 - as above

    from assistant.chat_models.failures import COMMON_ERRORS  # noqa: PLC0415

    return (*COMMON_ERRORS, OpenAIError)

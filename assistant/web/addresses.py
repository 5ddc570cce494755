"""`network_of`: which addresses count as one, and which of them are this machine's."""

import ipaddress

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Names and addresses that only this machine can reach."""

LOOPBACK_ADDRESSES = frozenset({"127.0.0.0", "::"})
"""What `network_of` returns for this machine: a proxy, or the owner."""

_IPV4_BITS, _IPV6_BITS = 32, 64


def network_of(address: str) -> str:
    """Return what counts as one address: of IPv6 the network that one subscriber is given, of loopback all of it.

    Example:
        >>> network_of("2001:db8::1:2"), network_of("198.51.100.7"), network_of("127.0.0.5")
        ('2001:db8::', '198.51.100.7', '127.0.0.0')
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if parsed.is_loopback:
        return "127.0.0.0" if parsed.version == 4 else "::"
    bits = _IPV4_BITS if parsed.version == 4 else _IPV6_BITS
    return str(ipaddress.ip_network((parsed, bits), strict=False).network_address)

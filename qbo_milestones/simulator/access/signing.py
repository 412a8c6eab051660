"""The simulator's own key, and JSON web tokens signed with it. The key is the same everywhere and secret to nobody."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

KEY_ID = "simulator-1"
EXPONENT = 65537
P = int(
    "d93b7b5755b5f593ae1af0e831b17a4995352d725fca96dd4aeb7e9249ef9bc475ef09b81b3c75d2d99a26e7859ded011b38"
    "073c2e5f17bfaed364c011ceceedb08b3490616b49f27fcef4a3dae666132ad99674c8b251798b52cf046e724b58030be821"
    "a971c85d5e57e296b3ce6391a22f685a81b70315270095f9f0438eeb",
    16,
)
Q = int(
    "c23fb62cae7122a795fb9f06da611a7739a353f3bf8f789405bdf7d11c10a04beeab4ab3186b2b99ddbad2ee454c74edf914"
    "e1120799d11826a63c8d403bbe99f2b62710b39f2e3d812a6ac6826c86b32b01080bcb64db781446cc2b0f55ee8d0e4c7fe2"
    "27a2508b03efbbc53e97fa15d2276a3e9d8c6f328863fd4e7cb453bd",
    16,
)


def signed(claims: Mapping[str, object]) -> str:
    """The claims as a JSON web token, RS256."""
    head = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}
    text = ".".join(_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims))
    return f"{text}.{_base64url(_private_key().sign(text.encode(), PKCS1v15(), SHA256()))}"


def public_key() -> dict[str, str]:
    """The key's public half as a JSON web key."""
    return {
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": _number(P * Q), "e": _number(EXPONENT),
    }  # fmt: skip


@cache
def _private_key() -> rsa.RSAPrivateKey:
    private = pow(EXPONENT, -1, (P - 1) * (Q - 1))
    dmp1, dmq1, iqmp = rsa.rsa_crt_dmp1(private, P), rsa.rsa_crt_dmq1(private, Q), rsa.rsa_crt_iqmp(P, Q)
    public = rsa.RSAPublicNumbers(EXPONENT, P * Q)
    return rsa.RSAPrivateNumbers(P, Q, private, dmp1, dmq1, iqmp, public).private_key()


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")

"""Names of people on their way to WeChat Pay: RSA-OAEP with SHA-1, by the platform key that the request names."""

import base64

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA1

from lintuan.payments.gateways.merchants import Merchant


def seal(merchant: Merchant, text: str) -> str:
    """Readable by the platform alone; two seals of one text differ. At most 214 bytes with a key of 2048 bits."""
    key = merchant.platform_keys[merchant.platform_serial]
    return base64.b64encode(key.encrypt(text.encode(), _OAEP)).decode()


#: SHA-1 is the platform's choice; OAEP does not rest on its resistance to collisions.
_OAEP = OAEP(mgf=MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None)  # noqa: S303

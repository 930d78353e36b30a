"""Twilio's webhook signature, written from its published rule so that both sides of the wire can use it.

Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security; held against the official library in the tests.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

HEADER = "X-Twilio-Signature"


def sign(token: str, url: str, params: Mapping[str, Sequence[str] | str]) -> str:
    """The base64 HMAC-SHA1 that Twilio puts in `X-Twilio-Signature`.

    `url` is the whole URL as configured at Twilio, with its query and without its `#` fragment. `params` are the
    decoded form fields; a field that came more than once is a sequence (`request.form.to_dict(flat=False)`: a
    werkzeug `MultiDict` itself would show only the first value). Names are signed in sorted order, each with its
    distinct values in sorted order, nothing between them. Compare with `hmac.compare_digest`.

    >>> sign("12345", "https://mycompany.com/myapp.php", {"Digits": "1234"})
    'ai5WHRyZd6g7zegMIjN1fSv1jDk='
    """
    signed = url + "".join(name + value for name in sorted(params) for value in _values(params[name]))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


def body_sha256(raw: bytes) -> str:
    """The hex SHA-256 that Twilio puts in the query field `bodySHA256` when a webhook's body is not a form."""
    return hashlib.sha256(raw).hexdigest()


def _values(field: Sequence[str] | str) -> list[str]:
    return [field] if isinstance(field, str) else sorted(set(field))

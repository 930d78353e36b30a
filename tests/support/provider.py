"""An identity provider on loopback: OpenID Connect's code flow, with whatever it should not say on demand."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.wrappers import Request, Response

from tests.support.served import Served

CLIENT, SECRET = "heed-reminders", "the provider's and Heed's"


class Provider:
    """Vouches for `claims`; `said` replaces parts of the next identity token, `forged` signs it by somebody else."""

    def __init__(self) -> None:
        self.place = Served()
        self.place.app = Request.application(self._answer)
        self.issuer = self.place.url
        self.key, self.other = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
        self.claims: dict[str, Any] = {
            "sub": "0-1",
            "preferred_username": "J.Smith",
            "groups": ["Heed operators"],
        }
        self.said: dict[str, Any] = {}
        self.signed_by = "rs256"
        self.broken = False
        self.asked: list[dict[str, str]] = []

    def approve(self, address: str) -> str:
        """What the provider's own page does once somebody has signed in there: the way back, with a code."""
        self.question = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        back = urlencode({"code": "c0de", "state": self.question["state"]})
        return f"{urlsplit(self.question['redirect_uri']).path}?{back}"

    def _answer(self, request: Request) -> Response:
        if self.broken:
            return Response(status=502)
        match request.path:
            case "/.well-known/openid-configuration":
                return _json(
                    issuer=self.issuer,
                    authorization_endpoint=f"{self.issuer}/authorize",
                    token_endpoint=f"{self.issuer}/token",
                    jwks_uri=f"{self.issuer}/keys",
                    id_token_signing_alg_values_supported=["RS256"],
                )
            case "/keys":
                return _json(keys=[self.key.as_dict(private=False, kid="k1", use="sig", alg="RS256")])
            case "/token":
                return self._token(request)
        return Response(status=404)

    def _token(self, request: Request) -> Response:
        form = request.form.to_dict()
        self.asked.append(form)
        user = request.authorization
        proof = _encoded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        right = proof == self.question["code_challenge"] and form["code"] == "c0de"
        if not right or user is None or (user.username, user.password) != (CLIENT, SECRET):
            return Response(json.dumps({"error": "invalid_grant"}), 400, content_type="application/json")
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.question["nonce"],
        }
        token = self._signed(claims | self.claims | self.said)
        return _json(access_token="a", token_type="Bearer", id_token=token)

    def _signed(self, claims: dict[str, Any]) -> str:
        match self.signed_by:
            case "rs256":
                return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)
            case "other":
                return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.other)
        # By hand: no library signs so. "none", and HMAC with the public key as its secret.
        head = {"alg": "HS256", "kid": "k1"} if self.signed_by == "hs256" else {"alg": "none"}
        body = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
        public = self.key.as_pem(private=False)
        return f"{body}.{_encoded(hmac.digest(public, body.encode(), 'sha256')) if 'kid' in head else ''}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _json(**content: Any) -> Response:
    return Response(json.dumps(content), content_type="application/json")

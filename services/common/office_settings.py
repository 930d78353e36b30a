"""The settings of signing in with the office's own accounts (OpenID Connect). Part of `Settings`, a set for each service."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from environs import Env

from services.common.alert_settings import LOOPBACK_HOSTS


@dataclass(frozen=True, slots=True, repr=False)
class Office:
    """Who vouches for people, what this service is called there, and which of a person's groups mean which role.

    `claim` is where the identity token lists a person's groups.
    """

    issuer: str
    client_id: str
    client_secret: str
    claim: str
    roles: Mapping[str, str]


def read(env: Env, prefix: str) -> Office | None:
    """Read one service's; None where nobody vouches for people. Raises ValueError for a pair without `=`."""
    pairs = [one.strip() for one in env.str(f"{prefix}_OIDC_ROLES", "").split(",") if one.strip()]
    if not all("=" in one for one in pairs):
        raise ValueError(f"{prefix}_OIDC_ROLES: pairs like `Heed operators=operator`, with commas between")
    office = Office(
        issuer=env.str("HEED_OIDC_ISSUER", "").rstrip("/"),
        client_id=env.str(f"{prefix}_OIDC_CLIENT_ID", ""),
        client_secret=env.str(f"{prefix}_OIDC_CLIENT_SECRET", ""),
        claim=env.str("HEED_OIDC_GROUPS_CLAIM", "groups"),
        roles={group.strip(): role.strip() for group, _, role in (one.rpartition("=") for one in pairs)},
    )
    return office if office.issuer else None


def wrong(office: Office, prefix: str, known: Mapping[str, object]) -> str | None:
    """What cannot be, as one line that begins with the variable; `known` are the service's roles."""
    parts = urlsplit(office.issuer)
    if not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOOPBACK_HOSTS):
        return "HEED_OIDC_ISSUER: the https address of the office's identity provider, without /.well-known"
    if not office.client_id or not office.client_secret:
        return f"{prefix}_OIDC_CLIENT_ID, {prefix}_OIDC_CLIENT_SECRET: what the identity provider knows this service by"
    strange = sorted(set(office.roles.values()) - set(known))
    if strange or not office.roles:
        what = f"there is no role {strange[0]}" if strange else "which group has which role"
        return f"{prefix}_OIDC_ROLES: {what}; pairs like `group=role`, the roles are {', '.join(known)}"
    return None

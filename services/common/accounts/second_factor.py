"""The six digits of an authenticator app (TOTP, RFC 6238): each counts once, a step early or late is forgiven."""

from datetime import datetime

import pyotp

STEP = 30  # seconds


def fresh_secret() -> str:
    """A secret to put into an app."""
    return pyotp.random_base32()


def address(secret: str, name: str, service: str) -> str:
    """The otpauth: address that an app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Heed {service}")


def step_of(secret: str, digits: str, at: datetime, used: int | None) -> int | None:
    """The time step that these digits stand for, None where they are wrong or of a step no later than `used`."""
    app, present = pyotp.TOTP(secret), int(at.timestamp()) // STEP
    given = "".join(digits.split())
    for step in (present, present - 1, present + 1):
        if (used is None or step > used) and pyotp.utils.strings_equal(app.generate_otp(step), given):
            return step
    return None

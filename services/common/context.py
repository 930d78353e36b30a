"""What a process of one service holds: settings, database, keys, carrier and queue. Passed by hand, never a global."""

from dataclasses import dataclass
from functools import cached_property

from redis import Redis

from services.common.carrier import Carrier
from services.common.crypto import BlindIndex, Cipher
from services.common.database import Database
from services.common.settings import ServiceName, ServiceSettings, Settings

VALKEY_PATIENCE = 0.5  # seconds


@dataclass(frozen=True, repr=False)
class Heed:
    """One service of one installation. Everything in it may be shared by threads; nothing in it is state."""

    service: ServiceName
    settings: Settings
    database: Database
    redis: Redis

    @classmethod
    def of(cls, service: ServiceName, settings: Settings, database_url: str, redis_url: str) -> "Heed":
        """Put a service together; connects to nothing yet."""
        # A Valkey that hangs must not hold up a webhook: the row is kept, and a sweep wakes its job. (RQ's worker sets its own.)
        redis = Redis.from_url(
            redis_url, socket_timeout=VALKEY_PATIENCE, socket_connect_timeout=VALKEY_PATIENCE
        )
        return cls(service, settings, Database.at(database_url), redis)

    @property
    def config(self) -> ServiceSettings:
        """This service's own settings."""
        return self.settings.service(self.service)

    @property
    def sandbox(self) -> bool:
        """Whether this is sandbox mode: the drama numbers count, the clock may be moved."""
        return self.settings.mode == "sandbox"

    @cached_property
    def cipher(self) -> Cipher:
        """Encrypts and decrypts this service's columns."""
        return Cipher.from_setting(self.config.encryption_keys)

    @cached_property
    def index(self) -> BlindIndex:
        """Finds this service's encrypted values again."""
        return BlindIndex.from_setting(self.config.index_key)

    @cached_property
    def carrier(self) -> Carrier:
        """The carrier's client, made at first use."""
        return Carrier(
            account_sid=self.settings.account_sid,
            auth_tokens=self.settings.auth_tokens,
            base_url=self.settings.carrier_url,
            callback_url=None if self.settings.pull_only else f"{self.config.public_url}/twilio/status/",
            inbound_url=f"{self.config.public_url}/twilio/inbound",
        )

    def close(self) -> None:
        """Give back connections."""
        self.database.close()
        self.redis.close()

"""What is known of a person, in plain form for as long as it is needed."""

from dataclasses import dataclass
from datetime import date

from services.common.private import Private


@dataclass(slots=True, repr=False)  # frozen took three times as long to make
class Known:
    """A person's decrypted facts."""

    given: Private
    surname: Private
    date_of_birth: date | None

    @property
    def name(self) -> str:
        """The whole name, for people whose role may see it."""
        return f"{self.given.reveal()} {self.surname.reveal()}".strip()


NOBODY = Known(Private(""), Private(""), None)

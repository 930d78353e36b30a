"""What both services' web processes share: errors, authentication, health, webhooks and the page of the API."""

# Before any blueprint is made: it sets how their JSON arguments are read.
from services.common.web import bodies

__all__ = ["bodies"]

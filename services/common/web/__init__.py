"""What both services' web processes share: errors, authentication, health, webhooks and the page of the API."""

"""People who work with a service: their accounts, second factors and sessions. Each service has its own; none is shared."""

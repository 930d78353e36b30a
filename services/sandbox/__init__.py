"""A stand-in carrier that speaks Twilio's REST API and webhooks, with handsets on a page."""

"""Twilio's error answers: code, HTTP status and words, as its error pages give them."""

from typing import Any

# Source: https://www.twilio.com/docs/api/errors; words shortened to those that the API prints.
ERRORS: dict[int, tuple[int, str]] = {
    20001: (400, "Parameter '{detail}' is not valid"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20009: (409, "Cannot delete or change this message before it is complete"),
    20404: (404, "The requested resource {detail} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21211: (400, "Invalid 'To' Phone Number: {detail}"),
    21212: (400, "Invalid From Number (caller ID): {detail}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number {detail} is not a valid message-capable Twilio phone number"),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21659: (400, "'From' {detail} is not a Twilio phone number or Short Code country mismatch"),
    30409: (409, "Message cannot be canceled: it is not scheduled"),
    35111: (400, "SendAt timestamp is missing"),
    35115: (400, "SendAt must be more than 5 minutes and no more than 35 days in the future, in UTC"),
    35118: (400, "MessagingServiceSid is required to schedule a message"),
}

# What a delivery error means in words that a person reads beside a text.
DELIVERY_WORDS = {
    30003: "handset unreachable",
    30005: "unknown handset",
    30006: "landline",
    30007: "filtered by the network",
    30036: "out of date before it was sent",
}


class TwilioError(Exception):
    """An answer that refuses. `code` is a key of `ERRORS`; `detail` fills its words."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    @property
    def status(self) -> int:
        return ERRORS[self.code][0]

    def body(self) -> dict[str, Any]:
        """Twilio's JSON: code, message, more_info, status."""
        return {
            "code": self.code,
            "message": ERRORS[self.code][1].format(detail=self.detail),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }

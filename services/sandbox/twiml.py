"""The texts that a webhook's answer asks the carrier to send back."""

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from services.sandbox.request import BODY_LIMIT


def replies(content_type: str, answer: str) -> list[str]:
    """The bodies of every `<Message>` in a TwiML answer, in order; [] for `<Response/>`, nothing, or bad XML.

    As at Twilio, an answer of type text/plain is itself the reply: a service that answers "OK" texts "OK".
    """
    if not answer.strip():
        return []
    if content_type.split(";", maxsplit=1)[0].strip().lower() == "text/plain":
        return [answer.strip()[:BODY_LIMIT]]
    try:
        root = fromstring(answer)
    except (ParseError, DefusedXmlException, ValueError):
        return []
    if root.tag != "Response":
        return []
    texts = [message.findtext("Body") or message.text or "" for message in root.findall("Message")]
    return [text.strip()[:BODY_LIMIT] for text in texts if text.strip()]

"""What any text to either service may be before anything else: danger, an opt-out, a way back in, a call for help.

The rules are data (`data/danger_rules.yaml`, `data/command_rules.yaml`). An opt-out is always the whole message after trimming
punctuation and politeness, so that "Stop speeding on London Road" stays feedback (CONSULTATION §2, REMINDERS §6).
"""

from services.common.text_rules import Understood, first, reading, rules, simplified

__all__ = ["DANGER_ANSWER", "Understood", "command", "danger", "simplified"]

DANGER_ANSWER = (
    "This phone is not watched. In danger now: call 999. Cannot speak: call 999 then press 55. "
    "Need to talk: Samaritans 116 123, free, any time."
)
DANGER_RULES = rules("services.common", "danger_rules.yaml")
COMMAND_RULES = rules("services.common", "command_rules.yaml")
# What Twilio says that it took a text for, in its OptOutType.
CARRIERS_WORD = {"STOP": "opt-out", "START": "opt-in", "HELP": "help"}


def danger(text: str) -> Understood | None:
    """Whether somebody may be in danger now."""
    return first(DANGER_RULES, reading(text))


def command(text: str, opt_out_type: str | None = None) -> Understood | None:
    """STOP, START or HELP, as the carrier says or as the whole message says."""
    if opt_out_type:
        return Understood(
            CARRIERS_WORD[opt_out_type], "carrier-opt-out-type", f"the carrier took it for {opt_out_type}"
        )
    return first(COMMAND_RULES, reading(text))

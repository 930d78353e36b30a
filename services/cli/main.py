"""The tree of commands. Start-up stays fast because a command's imports happen when it is called."""

import sys
from importlib import import_module
from typing import Any

import click

from services.common.logs import configure

# name → (module:attribute, help line). Groups nest as dictionaries.
COMMANDS: dict[str, Any] = {
    "reminders": {
        "": "Court reminders: feeds, hearings, what is due, pilots.",
        "ingest": ("services.reminders.cli.feeds:ingest", "Apply feed files as if pushed."),
        "replay": ("services.reminders.cli.feeds:replay", "Apply a delivery once more, after a fix."),
        "outcomes": (
            "services.reminders.cli.feeds:outcomes",
            "Apply result files, and outcomes written by hand.",
        ),
        "outcomes-due": ("services.reminders.cli.quality:outcomes_due", "Hearing days without an outcome."),
        "data-quality": ("services.reminders.cli.quality:data_quality", "What the data can carry."),
        "contacts": ("services.reminders.cli.feeds:contacts", "Attach mobile numbers from a CSV."),
        "hearings": ("services.reminders.cli.hearings:hearings", "Every person listed for every hearing."),
        "due": ("services.reminders.cli.hearings:due", "What would be sent, and what would not."),
        "lint": ("services.reminders.cli.wording:lint", "Check the county's texts."),
        "wording": ("services.reminders.cli.wording:wording", "Every text at its longest; the page on them."),
        "pilot": {
            "": "Pilots.",
            "new": ("services.reminders.cli.pilots:pilot_new", "Lock a pilot's protocol."),
            "audit": ("services.reminders.cli.pilots:pilot_audit", "Derive every assignment again."),
            "export": (
                "services.reminders.cli.pilots:pilot_export",
                "The rows behind the figures, for an evaluator.",
            ),
        },
        "evaluate": ("services.reminders.cli.pilots:evaluate", "A pilot's report."),
        "performance": (
            "services.reminders.cli.pilots:performance",
            "Attendance by court and quarter, fit to publish.",
        ),
        "simulate": (
            "services.demo.simulate:simulate",
            "Pilots that never were, with a known truth.",
        ),
        "pause": {
            "": "Pauses of courts.",
            "add": ("services.reminders.cli.pauses:add", "Pause a court's reminders, or all courts'."),
            "list": ("services.reminders.cli.pauses:listed", "Every pause there ever was."),
            "end": ("services.reminders.cli.pauses:end", "End a pause."),
        },
        "release": (
            "services.reminders.cli.pauses:release",
            "Let a day's texts go, while the office releases by hand.",
        ),
        "do-not-text": {
            "": "People who are not to be texted.",
            "add": ("services.reminders.cli.hand:mark", "Text a hearing's person no more."),
            "end": ("services.reminders.cli.hand:unmark", "Text them again."),
        },
        "listing": {
            "": "Listings typed in.",
            "add": ("services.reminders.cli.hand:listing_add", "Type in one listing."),
        },
        "number": {
            "": "Numbers typed in.",
            "set": ("services.reminders.cli.hand:number_set", "Take a number as that of a hearing's person."),
            "right": (
                "services.reminders.cli.hand:number_right",
                "Clear the mark of a wrong or dead number.",
            ),
        },
        "outcome": {
            "": "Outcomes typed in.",
            "set": ("services.reminders.cli.hand:outcome_set", "Record what happened on a day."),
        },
        "inbox": {
            "": "What people text back that a person must read.",
            "list": ("services.reminders.cli.inbox:waiting", "The texts that wait for a person."),
            "read": ("services.reminders.cli.inbox:read", "One text's words (audited)."),
            "answer": ("services.reminders.cli.inbox:answer", "Text back."),
            "done": ("services.reminders.cli.inbox:done", "Somebody has seen to it."),
        },
        "incidents": ("services.reminders.cli.inbox:incidents", "Numbers that reached the wrong person."),
        "incident": {
            "": "Incidents.",
            "add": ("services.reminders.cli.inbox:incident_add", "Texts of a hearing reached somebody else."),
            "assess": ("services.reminders.cli.inbox:incident_assess", "What was decided of an incident."),
        },
        "subject": ("services.reminders.cli.subject:subject", "Everything held about a person."),
        "export": ("services.reminders.cli.subject:export", "The same, into a file."),
        "correct": ("services.reminders.cli.subject:correct", "Put a name or birth date right."),
        "erase": ("services.reminders.cli.subject:erase", "Erase a person; their rows stay countable."),
        "restrict": ("services.reminders.cli.subject:restrict", "Forbid erasing, using or texting a person."),
        "unrestrict": ("services.reminders.cli.subject:unrestrict", "End what was forbidden."),
        "calls": ("services.reminders.cli.calls:calls", "Whom to ring."),
        "verify-audit": ("services.cli.audit:reminders", "Check the audit log's chain."),
        "export-audit": ("services.cli.audit:export_reminders", "The audit log, a JSON object a line."),
    },
    "consultation": {
        "": "The listening post.",
        "lint": ("services.consultation.cli.questionnaires:lint", "Check a questionnaire."),
        "launch": ("services.consultation.cli.questionnaires:launch", "Freeze a questionnaire and open it."),
        "import": ("services.consultation.cli.responses:import_", "Keep responses of other channels."),
        "letter": ("services.consultation.cli.responses:letter", "Keep a letter, with its scan."),
        "export": ("services.consultation.cli.responses:export_", "Every response in a row of a CSV."),
        "report": ("services.consultation.cli.report:report", "What was received and said, fit to publish."),
        "publicity": ("services.consultation.cli.report:publicity", "What was done to be heard."),
        "invite": ("services.consultation.cli.invitations:invite", "Text people who agreed to be asked."),
        "feedback": {
            "": "You said, we did.",
            "write": ("services.consultation.cli.feedback:write", "Write what was done for themes."),
            "approve": ("services.consultation.cli.feedback:approve", "Approve what another wrote."),
            "list": ("services.consultation.cli.feedback:listed", "Every answer to a theme."),
            "send": ("services.consultation.cli.feedback:send", "Text it to those who asked."),
        },
        "lookup": ("services.consultation.cli.feedback:look_up", "What became of a receipt's response."),
        "bundle": ("services.consultation.cli.feedback:bundle", "What another body should hear."),
        "bundles": ("services.consultation.cli.feedback:bundled", "What other bodies were sent."),
        "duplicates": {
            "": "Copies, and people who are one.",
            "find": ("services.consultation.cli.duplicates:find", "Look for campaigns and duplicates."),
            "list": ("services.consultation.cli.duplicates:listed", "Pairs that wait for a decision."),
            "accept": ("services.consultation.cli.duplicates:accept", "A pair is one person's."),
            "reject": ("services.consultation.cli.duplicates:reject", "A pair is two people's."),
            "merge": ("services.consultation.cli.duplicates:merge", "Two respondents are one person."),
            "undo": ("services.consultation.cli.duplicates:undo", "Take a merge back."),
            "merges": ("services.consultation.cli.duplicates:merges", "Every merge."),
        },
        "subject": ("services.consultation.cli.subject:subject", "Everything held about a person."),
        "correct": ("services.consultation.cli.subject:correct", "Put an answer right."),
        "object": ("services.consultation.cli.subject:object_to_texts", "Text a person no more."),
        "erase": ("services.consultation.cli.subject:erase", "Erase a person; their row stays countable."),
        "hold": ("services.consultation.cli.subject:hold", "Forbid erasing a person."),
        "release": ("services.consultation.cli.subject:release", "Allow erasing a person again."),
        "why": ("services.consultation.cli.questionnaires:why", "Which rule takes a text, and why."),
        "simulate": (
            "services.consultation.cli.questionnaires:simulate",
            "Play a questionnaire in the terminal.",
        ),
        "verify-audit": ("services.cli.audit:consultation", "Check the audit log's chain."),
        "export-audit": ("services.cli.audit:export_consultation", "The audit log, a JSON object a line."),
    },
    "evaluate": ("services.reminders.evaluation.cli:evaluate_command", "Compare arms of a published table."),
    "power": (
        "services.reminders.evaluation.cli:power_command",
        "Sample size, power, smallest detectable effect.",
    ),
    "capacity": ("services.reminders.cli.capacity:command", "What so many people a year take."),
    "segments": ("services.cli.texts:segments", "Encoding, characters and segments of a text."),
    "tick": ("services.cli.tick:tick", "Run every sweep and every job they wake, to the end."),
    "up": ("services.cli.stack:up", "Start everything and keep it running."),
    "demo": ("services.cli.stack:demo", "Start everything and run the story on synthetic data."),
    "web": ("services.cli.stack:web", "One service's web process."),
    "worker": ("services.cli.stack:worker", "One service's worker."),
    "clock": ("services.cli.stack:clock", "One service's sweeps, in a loop."),
    "sandbox": ("services.cli.stack:sandbox", "The stand-in carrier."),
    "migrate": ("services.cli.stack:migrate", "Bring databases to this code's schema."),
    "check": ("services.cli.check:check", "Is this installation fit, and what to do where it is not."),
    "backup": ("services.cli.backup:backup", "Write the databases as they stand into files."),
    "restore": ("services.cli.backup:restore", "Fill an empty database from a backup."),
    "retention": {
        "": "How long content is kept.",
        "run": ("services.cli.retention:run", "Empty and delete what is older than its rule allows."),
    },
    "keys": {
        "": "API keys and encryption keys.",
        "add": ("services.cli.keys:add", "Make an API key, shown once."),
        "list": ("services.cli.keys:listed", "Every API key and when it was last used."),
        "revoke": ("services.cli.keys:revoke", "Make an API key useless."),
        "generate": ("services.cli.keys:generate", "Print fresh encryption and index keys."),
        "rewrite": ("services.cli.keys:rewrite", "Encrypt anew what stands under an older key."),
    },
    "users": {
        "": "Accounts of people.",
        "add": ("services.cli.users:add", "Make an account; its first password is shown once."),
        "list": ("services.cli.users:listed", "Every account and what it may do."),
        "roles": ("services.cli.users:set_roles", "Say anew what an account may do."),
        "reset": ("services.cli.users:reset", "A fresh first password, without second factor."),
        "disable": ("services.cli.users:disable", "Close an account at once."),
    },
    "review": {
        "": "What a person decides by reading: who is one human, and what residents' texts are about.",
        "people": ("services.reminders.cli.people:suggestions", "Pairs of records to decide."),
        "same": ("services.reminders.cli.people:same", "Two records are one human."),
        "different": ("services.reminders.cli.people:different", "Two records are two people."),
        "split": ("services.reminders.cli.people:split", "Undo a merge."),
        "decisions": ("services.reminders.cli.people:decisions", "What was decided."),
        "status": ("services.consultation.cli.review:status", "How far the review is."),
        "next": ("services.consultation.cli.review:next_", "The text to code next (audited)."),
        "read": ("services.consultation.cli.review:read", "One text (audited)."),
        "code": ("services.consultation.cli.review:code", "Give a response its themes."),
        "history": ("services.consultation.cli.review:history", "Every code of a response."),
        "suggest": ("services.consultation.cli.review:suggest", "Learn, and suggest themes anew."),
        "agreement": ("services.consultation.cli.review:agreement", "How far two people agree, by theme."),
        "redact": ("services.consultation.cli.review:redact", "Say what is hidden in a response."),
        "quotable": ("services.consultation.cli.review:quotable", "What may be quoted once it is read."),
        "redactions": ("services.consultation.cli.review:redactions", "What waits for approval (audited)."),
        "approve": ("services.consultation.cli.review:approve", "Approve what another would publish."),
        "codeframe": {
            "": "The themes that texts are coded to.",
            "show": ("services.consultation.cli.codeframes:show", "The codeframe in use."),
            "change": ("services.consultation.cli.codeframes:change", "Take a codeframe from a file."),
            "merge": ("services.consultation.cli.codeframes:merge", "Make one theme of several."),
            "split": ("services.consultation.cli.codeframes:split", "Make several themes of one."),
        },
        "emerging": {
            "": "Groups of texts that no theme has taken.",
            "list": ("services.consultation.cli.codeframes:listed", "Groups that wait for a name (audited)."),
            "name": ("services.consultation.cli.codeframes:name", "A group is a theme."),
            "dismiss": ("services.consultation.cli.codeframes:dismiss", "A group is none."),
        },
    },
    "queue": {
        "": "What needs a person.",
        "list": (
            "services.cli.queue:listed",
            "What is on duty, stops, alarms, texts that evidence cannot settle.",
        ),
        "resolve": ("services.cli.queue:resolve", "Say whether a text was sent."),
        "acknowledge": ("services.cli.queue:acknowledge", "Say that somebody sees to it."),
        "read": ("services.cli.duty:read", "The words of an item on duty (audited)."),
        "sender": ("services.cli.duty:sender", "Who sent a text (audited)."),
        "answer": ("services.cli.duty:answer", "Text back to the sender of an item."),
        "done": ("services.cli.duty:done", "Somebody has seen to an item."),
    },
    "alerts": {
        "": "Alarms that leave the house.",
        "test": ("services.cli.alerts:test", "A test message through every channel that is set."),
    },
    "stop": ("services.cli.queue:stop", "Stop all sending at once."),
    "resume": ("services.cli.queue:resume", "Let sending go on; another person than the one who stopped it."),
}


class Tree(click.Group):
    """A group whose commands are named in COMMANDS and loaded on call."""

    def __init__(self, name: str | None, commands: dict[str, Any]) -> None:
        super().__init__(
            name=name, help=commands.get("", "Court reminders by text, and a listening post for residents.")
        )
        self._tree = commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in self._tree if name]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._tree.get(cmd_name)
        if entry is None or cmd_name == "":
            return None
        if isinstance(entry, dict):
            return Tree(cmd_name, entry)
        module, attribute = entry[0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [
            (name, entry[""] if isinstance(entry, dict) else entry[1])
            for name, entry in self._tree.items()
            if name
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def main() -> None:
    """Run the command line. Bad input is one clear line on standard error and exit code 2."""
    try:
        # Before anything else, so that no failure is ever printed with the values it failed on.
        configure("critical", process="cli")
        Tree("heed", COMMANDS).main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        fail(f"say which command: `{error.ctx.command_path if error.ctx else 'heed'} --help` lists them", 2)
    except click.ClickException as error:
        fail(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        fail("stopped", 130)
    except Exception as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if UNREACHABLE in kinds:
            first_line = str(getattr(error, "orig", error)).partition("\n")[0]
            fail(f"PostgreSQL: {first_line}; `heed check` says how each store stands", 2)
        if not EXPECTED & kinds:
            raise
        fail(str(error), 2)


# Errors that are a person's to mend: their message says what to do. By name, so that a quick command loads none of their modules.
EXPECTED = frozenset(
    {
        "SettingsError",
        "StoresError",
        "CountyError",
        "CryptoError",
        "ClockError",
        "StillBusy",
        "QuestionnaireError",
        "ProtocolError",
        "FeedError",
        "Refused",
    }
)

# PostgreSQL does not answer, or not now. Its words name hosts and users; what SQLAlchemy adds to them is not for a terminal.
UNREACHABLE = "OperationalError"


def fail(message: str, code: int) -> None:
    """One line on standard error, and out."""
    click.echo(f"heed: {' '.join(message.split())}", err=True)
    sys.exit(code)

"""`python3 tests/deploy/walk.py FROM`: the ten steps of docs/installation.md, walked as they stand there; or those without containers.

For a clean Debian machine that nobody minds, with Docker or with systemd: it installs Heed there, and needs Python 3.9 and nothing of
Heed's. FROM is what is cloned instead of the page's example. Every command of the page is run in one shell, in order, and has to print
what the page shows; what the page leaves to the reader's hand (a certificate, the settings) is BY_HAND. One line a command;
exit code 1 at the first that fails or prints something else.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/installation.md"
MARK = "walked-and-came-to"
EXAMPLE = "https://git.example.org/heed.git"

CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=heed.example.org -keyout privkey.pem -out fullchain.pem"
    " -addext subjectAltName=DNS:reminders.example.org,DNS:consultation.example.org 2>/dev/null; TOKEN=$(openssl rand -hex 16)"
)
# Nobody is rung or texted by this machine; live mode takes no drafts and no drama numbers.
SETTLED = (
    "sed -i 's/status: draft/status: agreed/; s/reviewed_by: null/reviewed_by: the walk/; s/01632 96000/01727 81654/;"
    " s/time_means: null/time_means: start/' "
)


def setting(file: str, **values: str) -> str:
    """A line of sed for each: the # taken away, and the value filled in."""
    return "; ".join(f"sed -i 's|^#\\?{name}=.*|{name}={value}|' {file}" for name, value in values.items())


ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC" + "0123456789abcdef" * 2}
REMINDERS = {"REMINDERS_SENDER": "HertsCourts", "REMINDERS_PUBLIC_URL": "https://reminders.example.org"}
CONSULTATION = {
    "CONSULTATION_SENDER": "+447911123456",
    "CONSULTATION_PUBLIC_URL": "https://consultation.example.org",
}
LIVE = {
    "HEED_MODE": "live",
    "HEED_DUTY_NUMBER": "+447911123457",
    "HEED_ALERT_EMAIL": "duty@example.org",
    "HEED_SMTP_HOST": "mail.example.org",
    "HEED_SMTP_FROM": "heed@example.org",
}
TRIAL = (
    ACCOUNT
    | REMINDERS
    | CONSULTATION
    | {
        "COMPOSE_FILE": "docker-compose.yml:deploy/live.yml:deploy/tls.yml",
        "HEED_LISTEN_TLS": "0.0.0.0:443",
        "HEED_MODE": "trial",
        "HEED_TRIAL_NUMBERS": "+447911123458",
        "HEED_COUNTY_FILE": "./deploy/county.yaml",
    }
)
# Section → step → what its words ask of the reader, as a shell says it: before its commands, and after them.
BY_HAND: dict[str, dict[int, tuple[str, str]]] = {
    "Ten steps": {
        4: (CERTIFICATE, ""),
        5: ("", setting(".env", **TRIAL)),
        10: (f"{SETTLED} deploy/county.yaml; {setting('.env', **LIVE)}", ""),
    },
    "Without containers": {
        4: (
            CERTIFICATE,
            "; ".join(
                (
                    f"{SETTLED} /etc/heed/county.yaml",
                    setting("/etc/heed/heed.env", **ACCOUNT, **LIVE),
                    setting("/etc/heed/reminders.env", **REMINDERS),
                    setting("/etc/heed/consultation.env", **CONSULTATION),
                )
            ),
        ),
    },
}
SETTINGS = {"Ten steps": (5, ".env"), "Without containers": (4, "/etc/heed/heed.env")}


def run(shell: subprocess.Popen[str], command: str) -> tuple[list[str], int]:
    """The lines that a command printed, and its exit code. It runs in a shell that goes on, as a person at a terminal has it."""
    assert shell.stdin and shell.stdout
    shell.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n%s %s\\n' {MARK} $?\n")
    shell.stdin.flush()
    lines: list[str] = []
    for line in shell.stdout:
        if line.startswith(MARK):
            return [one for one in lines if one.strip()], int(line.split()[1])
        lines.append(line.rstrip())
    raise EOFError(f"the shell ended in: {command}")


def steps_of(page: str, section: str) -> Iterator[tuple[int, str, list[tuple[str, list[str]]]]]:
    """(number, title, [(command, what it prints)]) of each step of a section of the page."""
    within = re.split(r"^## ", page.partition(f"\n## {section}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    for part in re.split(r"^### (?=\d)", within, flags=re.MULTILINE)[1:]:
        heading = re.match(r"(\d+)\. (.*)", part)
        assert heading
        commands: list[tuple[str, list[str]]] = []
        for block in re.findall(r"^```console\n(.*?)^```", part, flags=re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                if line.startswith("$ "):
                    commands.append((line[2:], []))
                elif line.strip():
                    commands[-1][1].append(line)
        yield int(heading[1]), heading[2], commands


def as_it_says(printed: list[str], expected: list[str]) -> bool:
    """Whether these lines are what the page shows; a line of … stands for any lines, and … in a line for any words."""
    pattern = "".join(r"(.*\n)*?" if line.strip() == "…" else _pattern(line) + "\n" for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


def _pattern(line: str) -> str:
    """Of one line: numbers differ from run to run, and so do long words with three digits or more, which are keys and ids."""
    made = ""
    for part in re.findall(r"[\w-]+|\s+|.", line.strip()):
        if len(part) >= 12 and sum(map(str.isdigit, part)) >= 3:
            made += r"[\w-]{12,}"
        elif part.isspace():
            made += r"\s+"
        else:
            made += ".*" if part == "…" else re.sub(r"\d+", r"\\d+", re.escape(part))
    return r"\s*" + made + r"\s*"


def walk(page: str, section: str, steps: range, by_hand: Mapping[int, tuple[str, str]]) -> bool:
    """Every command of these steps of a section; whether all came out as it says. The first that does not ends it."""
    with subprocess.Popen(
        ["bash"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as shell:
        for number, title, commands in steps_of(page, section):
            if number in steps:
                print(f"\n{number}. {title}", flush=True)
                before, after = by_hand.get(number, ("", ""))
                for command, expected in [(before, []), *commands, (after, [])]:
                    if command and not _came_out(shell, command, expected):
                        return False
    return True


def _came_out(shell: subprocess.Popen[str], command: str, expected: list[str]) -> bool:
    began = time.monotonic()
    printed, code = run(shell, command)
    # `heed check` ends with 1 where it warns, and with 2 where something fails.
    as_shown = code == (1 if any(line.startswith("WARN") for line in expected) else 0)
    well = as_shown and (not expected or as_it_says(printed, expected))
    print(f"{'ok    ' if well else 'FAILED'}  {time.monotonic() - began:5.0f} s  $ {command[:150]}")
    for line in printed[-25:]:
        print(f"                | {line}")
    if not well:
        print("\n".join([f"exit code {code}; the page says:", *expected]))
    return well


def main(arguments: list[str]) -> int:
    """Walk, and answer the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", help="what is cloned instead of the page's example")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page that is walked")
    parser.add_argument(
        "--section", choices=BY_HAND, default="Ten steps", help="which way (default: %(default)s)"
    )
    parser.add_argument("--steps", default="1-10", help="the steps that are walked (default: %(default)s)")
    parser.add_argument("--settings", type=Path, help="more settings, a line NAME=VALUE each: a proxy, say")
    parser.add_argument(
        "--certificate",
        type=Path,
        help="a folder with fullchain.pem and privkey.pem (default: made, and believed by nobody)",
    )
    asked = parser.parse_args(arguments)
    by_hand = dict(BY_HAND[asked.section])
    if asked.certificate:
        before, after = by_hand[4]
        by_hand[4] = (f"{before}; cp {asked.certificate.resolve()}/*.pem .", after)
    if asked.settings:
        step, file = SETTINGS[asked.section]
        lines = asked.settings.read_text(encoding="utf-8").splitlines()
        more = setting(file, **dict(line.split("=", 1) for line in lines))
        by_hand[step] = (by_hand[step][0], f"{by_hand[step][1]}; {more}")
    first, _, last = asked.steps.partition("-")
    page = asked.page.read_text(encoding="utf-8").replace(EXAMPLE, asked.source)
    return not walk(page, asked.section, range(int(first), int(last or first) + 1), by_hand)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

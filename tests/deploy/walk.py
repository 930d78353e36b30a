"""`python3 tests/deploy/walk.py FROM`: the ten steps of docs/installation.md, walked as they stand there.

For a clean Debian machine with Docker that nobody minds: it installs Heed in the present folder, and needs Python 3.9 and nothing of
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
    " s/time_means: null/time_means: start/' deploy/county.yaml"
)


def setting(**values: str) -> str:
    """A line of sed for each: the # taken away, and the value filled in."""
    return "; ".join(f"sed -i 's|^#\\?{name}=.*|{name}={value}|' .env" for name, value in values.items())


# Step → what its words ask of the reader, as a shell says it: before its commands, and after them.
BY_HAND = {
    4: (CERTIFICATE, ""),
    5: (
        "",
        setting(
            COMPOSE_FILE="docker-compose.yml:deploy/live.yml:deploy/tls.yml",
            HEED_LISTEN_TLS="0.0.0.0:443",
            HEED_MODE="trial",
            HEED_TRIAL_NUMBERS="+447911123458",
            TWILIO_ACCOUNT_SID="AC" + "0123456789abcdef" * 2,
            REMINDERS_SENDER="HertsCourts",
            CONSULTATION_SENDER="+447911123456",
            REMINDERS_PUBLIC_URL="https://reminders.example.org",
            CONSULTATION_PUBLIC_URL="https://consultation.example.org",
            HEED_COUNTY_FILE="./deploy/county.yaml",
        ),
    ),
    10: (
        SETTLED
        + "; "
        + setting(
            HEED_MODE="live",
            HEED_DUTY_NUMBER="+447911123457",
            HEED_ALERT_EMAIL="duty@example.org",
            HEED_SMTP_HOST="mail.example.org",
            HEED_SMTP_FROM="heed@example.org",
        ),
        "",
    ),
}


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


def steps_of(page: str) -> Iterator[tuple[int, str, list[tuple[str, list[str]]]]]:
    """(number, title, [(command, what it prints)]) of each step of the page."""
    for part in re.split(r"^##+ (?=\d+\. |[A-Z])", page, flags=re.MULTILINE)[1:]:
        heading = re.match(r"(\d+)\. (.*)", part)
        if not heading:
            continue
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


def walk(page: str, steps: range, by_hand: Mapping[int, tuple[str, str]]) -> bool:
    """Every command of these steps of the page; whether all came out as it says. The first that does not ends it."""
    with subprocess.Popen(
        ["bash"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as shell:
        for number, title, commands in steps_of(page):
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
    parser.add_argument("--steps", default="1-10", help="the steps that are walked (default: %(default)s)")
    parser.add_argument("--settings", type=Path, help="more lines NAME=VALUE for .env: a proxy, say")
    parser.add_argument(
        "--certificate",
        type=Path,
        help="a folder with fullchain.pem and privkey.pem (default: made, and believed by nobody)",
    )
    asked = parser.parse_args(arguments)
    by_hand = dict(BY_HAND)
    if asked.certificate:
        by_hand[4] = (f"{by_hand[4][0]}; cp {asked.certificate.resolve()}/*.pem .", "")
    if asked.settings:
        lines = asked.settings.read_text(encoding="utf-8").splitlines()
        by_hand[5] = ("", f"{by_hand[5][1]}; {setting(**dict(line.split('=', 1) for line in lines))}")
    first, _, last = asked.steps.partition("-")
    page = asked.page.read_text(encoding="utf-8").replace(EXAMPLE, asked.source)
    return not walk(page, range(int(first), int(last or first) + 1), by_hand)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

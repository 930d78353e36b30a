"""Every test that the threat model names is there."""

import re
from pathlib import Path


def test_every_threat_is_tried_by_a_test_that_there_is(root: Path) -> None:
    page = (root / "docs/security.md").read_text(encoding="utf-8")
    threats = page.split("## Threats")[1].split("\n## ")[0]
    rows = [line for line in threats.splitlines() if line.startswith("| ")][1:]
    there = {
        name
        for source in (root / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", source.read_text(encoding="utf-8"), re.M)
    }
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named or "`make audit`" in row, row
        assert not set(named) - there, row

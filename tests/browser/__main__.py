"""`python -m tests.browser`: run the browser tests, then print what axe-core found on each page, and the main tasks with their keys and timings."""

import sys

import pytest

from tests.browser import results

if __name__ == "__main__":
    status = pytest.main(["tests/browser", "-q", "-n", "0", *sys.argv[1:]])
    print(results.as_text())
    sys.exit(status)

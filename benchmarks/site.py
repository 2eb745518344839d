"""How fast a page of the site is shown, by Lighthouse's measure of a phone on a slow network.

Needs node, npm and chromium. Prints, for a page of each kind, the best of three runs.
Target: performance ≥ 95, on a machine that does nothing else.
"""

from __future__ import annotations

import functools
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
RUNS = 3


def main() -> None:
    """Build the site, serve it, measure."""
    from publish import site
    from tests.publish.test_lighthouse import PAGES, Compressing, scores
    from tests.publish.test_site import served

    with tempfile.TemporaryDirectory() as folder:
        assert not site.build(Path(folder))
        with served(functools.partial(Compressing, directory=folder)) as address:
            for page in PAGES:
                runs = [scores(f"{address}/{page}", "performance") for _ in range(RUNS)]
                print(f"{page:<40}{max(run['performance'] for run in runs):>6.0f}")


if __name__ == "__main__":
    main()

"""``make bench-page``: seconds until a report of 10,000 students is open, and until it is filtered.

In Chromium, as a reader would see it: the file is opened from the disk anew each time, and the time
runs until its first rows stand in the list.
"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from fixtures.example_result import example_result
from reports.masking import Presentation
from reports.page import write_page

STUDENTS = 10_000
_ROUNDS = 7
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FILTERS = ("#verdict=fail", "#code=BG001", "#q=0077", "#")
_FILTER = """state => {
    history.replaceState(null, "", state);
    const start = performance.now();
    draw();
    document.body.getBoundingClientRect();
    return performance.now() - start;
}"""


def main() -> None:
    """Write a made-up report, open it in Chromium, and print medians and the worst."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool of developers

    binary = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if binary is None:
        sys.exit(f"bench-page needs one of {', '.join(_BROWSERS)}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(folder) / "report.html"
        write_page(example_result(STUDENTS), page, Presentation())
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        tab = browser.new_page()
        opened: list[float] = []
        filtered: list[float] = []
        for _ in range(_ROUNDS):
            tab.goto("about:blank")
            start = time.perf_counter()
            tab.goto(page.as_uri())
            tab.wait_for_selector("#list tbody tr")
            opened.append(time.perf_counter() - start)
            filtered += [tab.evaluate(_FILTER, state) for state in _FILTERS]
        browser.close()
        size = page.stat().st_size / 1024**2
    say = Console(highlight=False).print
    say(f"{STUDENTS:,} students, {size:.1f} MB, {_ROUNDS} rounds")
    say(f"open    {statistics.median(opened):.2f} s, worst {max(opened):.2f} s (aim 2)")
    say(f"filter  {statistics.median(filtered):.0f} ms, worst {max(filtered):.0f} ms (aim 100)")


if __name__ == "__main__":
    main()

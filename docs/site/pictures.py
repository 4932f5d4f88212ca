"""`make pictures`: the coverage page after weeks that are whole but for one gap, as docs/images/ shows it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from anthill import catalog
from local import demo
from local.stack import ROOT, Options, Stack

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

HOME = ROOT / "var" / "pictures"
IMAGES = ROOT / "docs" / "images"
MARKET = ("--stocks", "120", "--otc", "5", "--underlyings", "12", "--forex", "12", "--crypto", "15", "--indices", "6")
FIRST, LAST = dt.date(2026, 6, 1), dt.date(2026, 7, 2)
GAP = ("stocks", "minute_bars", dt.date(2026, 6, 30))


def main() -> None:
    """Land some weeks of a small simulated market, and take the pictures of them."""
    shutil.rmtree(HOME, ignore_errors=True)
    os.environ["AIRFLOW__ANTHILL__HISTORY_FROM"] = str(FIRST)  # what lies before is not missed
    stack = Stack(Options(HOME, polygon=MARKET))
    with stack.lent():
        fill(stack)
        take(stack, IMAGES)


def fill(stack: Stack) -> None:
    """Every day of the one asset class in bulk but the gap and the last, which its own DAG takes."""
    api, progress = stack.api(), demo.Progress(demo.tell)
    asset_class, *_ = GAP
    days = demo.days_asked(asset_class, FIRST, LAST, 0)
    demo.end_earlier_runs(api, ["market_backfill", asset_class], progress)
    demo.watch(stack, api, [demo.trigger(api, "market_backfill", form(days[:-1]), asset_class)], progress)
    demo.watch(stack, api, [demo.market_day(api, asset_class, days[-1])], progress)


def form(days: list[dt.date]) -> dict[str, object]:
    """The form of a backfill of these days without the gap."""
    asset_class, lacking, gap = GAP
    only = {
        name: [str(day) for day in days if (name, day) != (lacking, gap)]
        for name in catalog.load(asset_class).historical
    }
    return {"asset_class": asset_class, "only": only}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the machine."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        sys.exit("no chromium on PATH: scripts/ensure-chromium installs it, or set CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def take(stack: Stack, into: Path) -> None:
    """Stocks with the gap and its details, what it means for gold, and the dialog that fills it."""
    with chromium() as browser:
        page, frame = opened(browser, stack)
        for other in catalog.asset_classes():
            if other != GAP[0]:
                frame.get_by_role("button", name=other, exact=True).click()
        frame.get_by_role("button", name="Month", exact=True).click()
        walk(page, frame)
        page.keyboard.press("Enter")
        frame.locator("#details").get_by_text("never landed").wait_for()
        below = "it => { it.scrollIntoView(); it.ownerDocument.defaultView.scrollBy(0, -16); }"
        frame.get_by_role("heading", name="Market days").evaluate(below)
        page.screenshot(path=into / "gap.png")
        page.keyboard.press("Space")
        page.keyboard.press("f")
        frame.locator("#cost").wait_for()
        page.screenshot(path=into / "fill.png")


def opened(browser: Browser, stack: Stack) -> tuple[Page, FrameLocator]:
    """The coverage page, by Airflow's navigation."""
    page = browser.new_page(viewport={"width": 1330, "height": 940})
    page.set_default_timeout(60_000)
    page.goto(stack.addresses.airflow)
    page.get_by_role("link", name="Coverage").click()
    frame = page.frame_locator("iframe")
    frame.locator("body[data-ready=yes]").wait_for()
    return page, frame


def walk(page: Page, frame: FrameLocator) -> None:
    """Go to the gap with the keyboard."""
    active = frame.locator("#active")
    frame.locator("#map").focus()
    for key, wanted in (("ArrowDown", f"{GAP[0]}.{GAP[1]}"), ("ArrowLeft", str(GAP[2]))):
        for _ in range(200):
            page.wait_for_timeout(30)  # the text follows with the next frame
            if wanted in (active.text_content() or ""):
                break
            page.keyboard.press(key)


if __name__ == "__main__":
    main()

"""`make report-pictures`: the report of half a year of stocks, as docs/images/ shows it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from docs.site.pictures import IMAGES, chromium
from local.stack import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DEMO = ROOT / "var" / "demo"
DAYS = 130
CLIP = """([from, to]) => {
  const [top, end] = [from, to].map(id => document.getElementById(id).getBoundingClientRect());
  return {x: top.x - 12, y: top.y + scrollY, width: top.width + 24, height: end.bottom - top.y + 12};
}"""


def main() -> None:
    """Take the pictures of what `make demo` has left, which must be of as many days as the docs say."""
    stocks = json.loads((DEMO / "summary.json").read_text())["asset_classes"].get("stocks", {})
    if stocks.get("market_days") != DAYS:
        sys.exit(f"var/demo is of another run: make demo DAYS={DAYS} ASSETS=stocks")
    with chromium() as browser:
        take(browser)


def take(browser: Browser) -> None:
    """The market in light, one security in dark."""
    for board, scheme, last in (("market_today", "light", "breadth"), ("security", "dark", "day_volatility")):
        page = browser.new_page(viewport={"width": 1330, "height": 940}, color_scheme=scheme)
        page.goto((DEMO / "report.html").as_uri())
        page.wait_for_function("document.querySelectorAll('.body:empty').length === 0")
        clip = page.evaluate(CLIP, [board, f"{board}-{last}"])
        page.screenshot(path=IMAGES / f"report-{board.partition('_')[0]}.png", full_page=True, clip=clip)
        page.close()


if __name__ == "__main__":
    main()

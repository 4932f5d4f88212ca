"""An operator opens the coverage page in Airflow, sees a gap, fills it there, and sees it landed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from anthill import catalog
from anthill.bronze import commits as bronze
from local import lake
from local.airflow_api import AirflowApi
from local.stack import Stack

from .conftest import PLAN_ENDS, SHOTS, backfill, ended, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, Route

ROW, GAP = "forex.grouped_daily", "2026-06-25"
LANDED = ["2026-06-22/2026-06-24", "2026-06-26/2026-06-28"]
DAYS = [dt.date(2026, 6, 22) + dt.timedelta(days=number) for number in range(7)]


@pytest.fixture(scope="module")
def filled(api: AirflowApi) -> None:
    """Forex as the test begins: landed but for one gap and one day that the plan refuses."""
    assert backfill(api, asset_class="forex", only={"grouped_daily": LANDED})["state"] == "success"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser window of an operator, and nothing that goes wrong in it unseen."""
    context = browser.new_context(viewport={"width": 1400, "height": 950})
    context.set_default_timeout(600_000)
    yield context
    context.close()


@pytest.fixture
def asked(context: BrowserContext) -> list[str]:
    """Every address that the window asks for."""
    addresses: list[str] = []
    context.on("request", lambda request: addresses.append(request.url))
    return addresses


@pytest.fixture
def errors(context: BrowserContext) -> list[str]:
    """What goes wrong in the page's scripts."""
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    return errors


def opened(context: BrowserContext, stack: Stack) -> tuple[Page, FrameLocator]:
    """Airflow's start page, and from it the coverage page through the navigation."""
    page = context.new_page()
    page.goto(stack.addresses.airflow)
    page.get_by_role("link", name="Coverage").click()
    frame = page.frame_locator("iframe")
    frame.locator("body[data-ready=yes]").wait_for()
    return page, frame


def walk(page: Page, frame: FrameLocator, row: str, day: str) -> str:
    """Go to a cell with the keyboard alone; what a screen reader would say of it."""
    active = frame.locator("#active")
    frame.locator("#map").focus()
    for key, wanted in (("ArrowDown", row), ("ArrowLeft", day)):
        for _ in range(200):
            page.wait_for_timeout(30)  # the text follows with the next frame
            if wanted in (active.text_content() or ""):
                break
            page.keyboard.press(key)
    return active.text_content() or ""


def colour(frame: FrameLocator, name: str) -> list[int]:
    """A colour of the page's palette."""
    text = frame.locator("html").evaluate(f"it => getComputedStyle(it).getPropertyValue('--{name}').trim()")
    return [int(text[at : at + 2], 16) for at in (1, 3, 5)]


def painted(frame: FrameLocator) -> list[int]:
    """The colour at the cell under the cursor, near its top left corner."""
    # The ring of the focus would be in the way.
    frame.locator("#until").focus()
    script = """async canvas => {
      await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame);
      const map = window.coverage, line = map.line(), ratio = devicePixelRatio;
      const x = map.x(map.cursor.day) + Math.min(2, map.wide / 3), y = line.top + 4;
      return [...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data].slice(0, 3);
    }"""
    found: list[int] = frame.locator("#map canvas").evaluate(script)
    return found


def test_a_gap_is_seen_filled_and_turns_landed(
    filled: None, stack: Stack, api: AirflowApi, context: BrowserContext, asked: list[str], errors: list[str]
) -> None:
    """Exactly that day is fetched, by a backfill that the operator started in the page, with the keyboard."""
    page, frame = opened(context, stack)
    page.screenshot(path=SHOTS / "1-page.png")
    assert walk(page, frame, ROW, GAP) == f"{ROW}, {GAP}: missing"
    assert painted(frame) == colour(frame, "M")

    frame.locator("#map").focus()
    page.keyboard.press("Enter")
    frame.locator("#details").get_by_text("never landed").wait_for()
    page.keyboard.press("Space")
    page.screenshot(path=SHOTS / "2-gap.png")
    before = {run["dag_run_id"] for run in api.all("/dags/market_backfill/dagRuns", "dag_runs")}
    page.keyboard.press("f")
    frame.locator("#cost").wait_for()
    cost = frame.locator("#cost").text_content()
    assert cost == "1 call, less than a minute with no limit of the plan"
    page.screenshot(path=SHOTS / "3-cost.png")
    frame.locator("#start").click()

    frame.locator("#active").get_by_text(f"{ROW}, {GAP}: landed").wait_for(state="attached", timeout=1_500_000)
    assert painted(frame) == colour(frame, "L")
    (new,) = {run["dag_run_id"] for run in api.all("/dags/market_backfill/dagRuns", "dag_runs")} - before
    assert wait_for(lambda: ended(api, new), new)["state"] == "success"
    held = bronze.newest_of_all(stack.s3(), lake.BRONZE, catalog.load("forex").datasets["grouped_daily"])
    assert [day for day in DAYS if str(day) in held] == [
        day for day in DAYS if str(day) != PLAN_ENDS and day.weekday() != 5
    ]
    details = frame.locator("#details")
    details.get_by_text(f"date={GAP}/r000001.jsonl.gz").wait_for()
    details.get_by_role("link", name="Databricks").first.wait_for()
    page.screenshot(path=SHOTS / "4-landed.png")
    follow(context, details.get_by_role("link", name="market_backfill"), f"/dags/market_backfill/runs/{new[:10]}")
    follow(context, details.get_by_role("link", name="Databricks").first, stack.addresses.databricks)
    ours = (stack.addresses.airflow, stack.addresses.databricks, "data:", "blob:")
    assert [address for address in asked if not address.startswith(ours)] == []
    assert errors == []


def follow(context: BrowserContext, link: Any, address: str) -> None:
    """A link leads to a page of its own, out of the frame."""
    with context.expect_page() as new:
        link.click()
    assert address in new.value.url
    new.value.close()


def test_a_refused_day_says_why(filled: None, stack: Stack, context: BrowserContext, errors: list[str]) -> None:
    """In the words of the API."""
    page, frame = opened(context, stack)
    assert walk(page, frame, ROW, PLAN_ENDS) == f"{ROW}, {PLAN_ENDS}: refused"
    page.keyboard.press("Enter")
    frame.locator("#details").get_by_text("timeframe").wait_for()
    page.screenshot(path=SHOTS / "5-refused.png")
    assert errors == []


def test_a_day_that_is_declared_closed_is_no_gap(
    filled: None, stack: Stack, context: BrowserContext, errors: list[str]
) -> None:
    """It has a colour, a name and a meaning of its own, and cannot be selected to be filled."""

    def declare(route: Route) -> None:
        """What the server answers where `dags/closures.yaml`, which all stacks share, names the day."""
        answer = route.fetch()
        heat = answer.json()
        at = heat["days"].index(PLAN_ENDS)
        rows = [(group["asset_class"], row) for group in heat["groups"] for row in group["rows"]]
        (row,) = [row for name, row in rows if f"{name}.{row['dataset']}" == ROW]
        row["states"] = f"{row['states'][:at]}C{row['states'][at + 1 :]}"
        route.fulfill(response=answer, json=heat)

    context.route("**/anthill/api/coverage*", declare)
    page, frame = opened(context, stack)
    assert walk(page, frame, ROW, PLAN_ENDS) == f"{ROW}, {PLAN_ENDS}: declared closed"
    page.keyboard.press("Space")
    assert frame.locator("#fill").is_disabled()
    legend = frame.locator("#legend li").filter(has_text="declared closed")
    assert "no market by dags/closures.yaml" in (legend.get_attribute("title") or "")
    page.screenshot(path=SHOTS / "6-closed.png")
    assert painted(frame) == colour(frame, "C")
    assert errors == []


STREAM: dict[str, Any] = {
    "asset_class": "crypto",
    "stream": "minute_stream",
    "market_date": "2026-04-14",
    "settled_at": None,
    "opens": "2026-04-14T00:00:00Z",
    "closes": "2026-06-17T00:00:00Z",
    "until": "2026-04-14T21:54:00Z",
    "states": "R" * 600 + "F" * 3 + "R" * 627 + "G" * 16 + "R" * 68 + "W" * 126,
    "gaps": [
        {"first": "2026-04-14T10:00:02Z", "last": "2026-04-14T10:03:00Z", "cause": "closed with 1006", "state": "F"},
        {"first": "2026-04-14T20:30:00Z", "last": "2026-04-14T20:45:30Z", "cause": "killed", "state": "G"},
    ],
    "meaning": {"G": "gap: nobody listened"},
}


@pytest.mark.parametrize("width", [390, 1400])
def test_a_streams_minutes_are_a_strip(stack: Stack, context: BrowserContext, errors: list[str], width: int) -> None:
    """A gap is said by the keyboard, by a pointer and in words below, with its cause; on a phone nothing runs over."""
    context.route("**/anthill/api/minutes*", lambda route: route.fulfill(json=[STREAM]))
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{stack.addresses.airflow}/auth/token/login?next=/anthill/coverage")
    page.goto(f"{stack.addresses.airflow}/anthill/coverage")
    page.wait_for_selector("body[data-ready=yes]")
    strip, said = page.locator("#minutes .strip"), page.locator("#minutes [role=status]")
    counts = "1,440 minutes: 1,295 recorded, 16 in a gap, 3 filled, 126 not there yet"
    assert f"crypto.minute_stream on 2026-04-14: {counts}" in (strip.get_attribute("aria-label") or "")
    assert strip.locator("svg").count() == (4 if width == 390 else 1)
    strip.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert said.text_content() == "10:00 to 10:03 UTC: filled, nobody listened: closed with 1006"
    strip.locator("rect.minute-G").hover()
    assert said.text_content() == "20:30 to 20:46 UTC: in a gap, nobody listened: killed"
    page.locator("#minutes summary").click()
    assert "20:30:00 to 20:45:30 UTC: killed not filled" in (page.locator("#minutes li").last.text_content() or "")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("section:has(#minutes)").screenshot(path=SHOTS / f"7-minutes-{width}.png")
    assert errors == []


@pytest.mark.parametrize(
    ("width", "dark", "zoom"), [(390, False, "Month"), (390, True, "5 years"), (1400, True, "Year")]
)
def test_narrow_and_dark(
    filled: None, stack: Stack, context: BrowserContext, errors: list[str], width: int, dark: bool, zoom: str
) -> None:
    """Nothing runs over the side, at every zoom; the dark palette is taken where the machine asks for it."""
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{stack.addresses.airflow}/auth/token/login?next=/anthill/coverage")
    page.goto(f"{stack.addresses.airflow}/anthill/coverage")
    page.wait_for_selector("body[data-ready=yes]")
    page.get_by_role("button", name=zoom, exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.classList.contains('dark')") is dark
    page.screenshot(
        path=SHOTS / f"6-{zoom.replace(' ', '-')}-{width}-{'dark' if dark else 'light'}.png", full_page=True
    )
    assert errors == []


def test_five_years_are_drawn_at_once(filled: None, stack: Stack, context: BrowserContext) -> None:
    """A frame of all datasets over five years takes less than a fifth of a second to draw, on a busy machine too."""
    page = context.new_page()
    page.goto(f"{stack.addresses.airflow}/anthill/coverage")
    page.wait_for_selector("body[data-ready=yes]")
    page.get_by_role("button", name="5 years").click()
    paint = "() => { const at = performance.now(); window.coverage.paint(); return performance.now() - at; }"
    times = [page.evaluate(paint) for _ in range(9)]
    assert sorted(times)[4] < 200

"""What the dashboard of sales has to show, by PostgreSQL's own SQL over the orders that it has now."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.plugins.anthill.lakehouse import shown
from tests.plugins.anthill.lakehouse.database import Scene

DAY = dt.timedelta(days=1)
NAMED = "CASE currency_code WHEN 'GBP' THEN 'Pound Sterling' WHEN 'USD' THEN 'US Dollar' WHEN 'EUR' THEN 'Euro' END"
NOW = {
    "orders": "SELECT count(*) FROM sales_order",
    "units": "SELECT sum(units_sold) FROM sales_order",
    "by_day": "SELECT created_at::date, sum(units_sold) FROM sales_order GROUP BY 1",
    "by_currency": f"""
        SELECT currency_code, {NAMED}, count(*), sum(units_sold), sum(units_sold * unit_price)
        FROM sales_order JOIN currency USING (currency_id) GROUP BY 1, 2""",
    "by_design": """
        SELECT design_id::text, design_name, count(*), sum(units_sold)
        FROM sales_order JOIN design USING (design_id) GROUP BY 1, 2""",
    "by_staff": """
        SELECT staff_id::text, department_name, count(*), sum(units_sold)
        FROM sales_order JOIN staff USING (staff_id) JOIN department USING (department_id) GROUP BY 1, 2""",
    "by_location": """
        SELECT country, city, count(*), sum(units_sold)
        FROM sales_order JOIN address ON address_id = agreed_delivery_location_id GROUP BY 1, 2""",
}


def check(scene: Scene, seen: Mapping[int, set[tuple[Any, ...]]]) -> None:
    """Sums are of the orders that there are; `seen` has all versions of each order that a cut saw."""
    for name, query in NOW.items():
        assert shown.rows(scene.lake, "sales", name) == scene.rows(query), name
    assert shown.rows(scene.lake, "sales", "versions") == [(sum(map(len, seen.values())),)]
    by_version = Counter(map(len, seen.values()))
    assert shown.rows(scene.lake, "sales", "by_version") == sorted(by_version.items())
    became = shown.frame(scene.lake, "sales", "changes")
    there = {order for (order,) in scene.rows("SELECT sales_order_id FROM sales_order")}
    gone = became.filter(became["became"] == "deleted")
    assert sorted(map(int, gone["sales_order_id"])) == sorted(seen.keys() - there) != []
    assert gone["next_units"].null_count() == len(gone)
    changed = became.filter(became["became"] == "changed")
    assert len(changed) == sum(len(versions) - 1 for versions in seen.values()) > 0
    assert became["seen_until"].to_list() == sorted(became["seen_until"], reverse=True)
    today = scene.moments[-1].date()
    for name in ("by_currency", "by_design"):
        wanted = [(int(row[0]), *row[1:]) if name == "by_design" else row for row in scene.rows(NOW[name])]
        held = shown.kept(scene.lake, "totesys", f"sales_{name}", today)
        assert sorted(held.rows(), key=repr) == sorted(wanted, key=repr), name
        assert shown.kept(scene.lake, "totesys", f"sales_{name}", scene.moments[0].date() - DAY).height == 0

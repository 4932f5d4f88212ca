"""ToteSys from its database to the star: what gold has is what PostgreSQL's own SQL says, whatever was done to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.plugins.anthill.lakehouse import sales
from tests.plugins.anthill.lakehouse.database import Scene
from tests.plugins.anthill.lakehouse.lake import Lake

if TYPE_CHECKING:
    from local.totesys.server import Server

DIMENSIONS = {
    "staff": """
        SELECT staff_id, first_name, last_name, department_name, location, email_address
        FROM staff JOIN department USING (department_id)""",
    "location": """
        SELECT address_id AS location_id, address_line_1, address_line_2, district, city, postal_code, country, phone
        FROM address""",
    "design": "SELECT design_id, design_name, file_location, file_name FROM design",
    "currency": """
        SELECT currency_id, currency_code, CASE currency_code
            WHEN 'GBP' THEN 'Pound Sterling' WHEN 'USD' THEN 'US Dollar' WHEN 'EUR' THEN 'Euro' END AS currency_name
        FROM currency""",
    "counterparty": """
        SELECT counterparty_id, counterparty_legal_name, address_line_1 AS counterparty_legal_address_line_1,
            address_line_2 AS counterparty_legal_address_line_2, district AS counterparty_legal_district,
            city AS counterparty_legal_city, postal_code AS counterparty_legal_postal_code,
            country AS counterparty_legal_country, phone AS counterparty_legal_phone_number
        FROM counterparty JOIN address ON address_id = legal_address_id""",
}
ORDERS = """
    SELECT sales_order_id, created_at::date AS created_date, to_char(created_at, 'HH24:MI:SS.MS') AS created_time,
        last_updated::date AS last_updated_date, to_char(last_updated, 'HH24:MI:SS.MS') AS last_updated_time,
        staff_id AS sales_staff_id, counterparty_id, units_sold, unit_price, currency_id, design_id,
        agreed_payment_date::date AS agreed_payment_date, agreed_delivery_date::date AS agreed_delivery_date,
        agreed_delivery_location_id
    FROM sales_order"""


@pytest.fixture
def scene(totesys: Server, s3: Any, bucket: str, sail: str, tmp_path: Path) -> Iterator[Scene]:
    """One of its own."""
    lake = Lake(sail, tmp_path, asset_class="totesys")
    scene = Scene(totesys, s3, bucket, lake)
    yield scene
    scene.business.close()
    lake.close()


def test_the_star_is_what_the_database_has(scene: Scene) -> None:
    """After inserts, updates, deletes, late commits, slow clocks and edits by hand, cut by cut and row by row."""
    seen: dict[int, set[tuple[Any, ...]]] = {}
    for round_, day in enumerate((0, 0, 1)):
        scene.business.work(40)
        if round_ == 1:
            scene.business.edit()
            scene.business.cancel()
        assert scene.cut(day)
        for row in scene.rows(ORDERS):
            seen.setdefault(row[0], set()).add(row)
        if round_ == 1:
            continue  # a load that was missed: the next one has both cuts
        scene.load()
        assert scene.publish()["warnings"] == []
        columns = scene.lake.table("gold.totesys_fact_sales_order").columns[1:15]
        present = scene.lake.table("gold.totesys_fact_sales_order").filter(pl.col("seen_until").is_null())
        assert sorted(present.select(columns).rows(), key=repr) == scene.rows(ORDERS)
        for name, query in DIMENSIONS.items():
            assert scene.table(f"gold.totesys_dim_{name}") == scene.rows(query), name
    versions = scene.lake.table("gold.totesys_fact_sales_order")
    assert set(versions.select(columns).rows()) == set().union(*seen.values())
    assert sorted(versions["sales_record_id"]) == list(range(1, len(versions) + 1))
    sales.check(scene, seen)
    days = scene.lake.table("gold.totesys_dim_date").filter(pl.col("date_id") == dt.date(2026, 6, 1))
    assert days.rows() == [(dt.date(2026, 6, 1), 2026, 6, 1, 1, "Monday", "June", 2)]


@pytest.mark.long
def test_a_row_is_so_from_one_cut_to_another(scene: Scene) -> None:
    """A change, a delete and a key that comes again; a cut that is loaded again adds none."""
    first, second = scene.business.sell(), scene.business.sell()
    price = scene.rows(f"SELECT unit_price FROM sales_order WHERE sales_order_id = {second}")[0][0]
    scene.cut()
    scene.server.alter(f"UPDATE sales_order SET unit_price = 9.99 WHERE sales_order_id = {second}")
    scene.server.alter(
        f"DELETE FROM payment; DELETE FROM transaction; DELETE FROM sales_order WHERE sales_order_id = {first}"
    )
    scene.cut()
    scene.server.alter(
        f"INSERT INTO sales_order SELECT {first}, design_id, staff_id, counterparty_id, 77, unit_price, currency_id, "
        "agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id, created_at, last_updated "
        f"FROM sales_order WHERE sales_order_id = {second}"
    )
    scene.cut()
    done = scene.load()["datasets"]
    assert (done["sales_order"]["loaded"], done["sales_order"]["silver_rows"]) == (1, 2)
    assert done["sales_order"]["changed_rows"] == 2 + 3 + 1
    frame = scene.lake.table("silver.totesys_sales_order").sort("sales_order_id", "seen_from")
    moments = sorted({row["seen_from"] for row in frame.to_dicts()})
    told = [
        (row["sales_order_id"], str(row["unit_price"]), moments.index(row["seen_from"]),
         moments.index(row["seen_until"]) if row["seen_until"] else None)
        for row in frame.to_dicts()
    ]  # fmt: skip
    assert len(moments) == 3
    assert told == [
        (first, told[0][1], 0, 1), (first, "9.99", 2, None),
        (second, str(price), 0, 1), (second, "9.99", 1, None),
    ]  # fmt: skip
    again = scene.load()["datasets"]
    assert {load["loaded"] for load in again.values()} == {0}
    assert scene.lake.table("silver.totesys_sales_order").sort("sales_order_id", "seen_from").equals(frame)
    scene.lake.spark.sql("DELETE FROM dev.quality.loads")  # cut off before it was noted: all cuts are looked at again
    scene.load()
    assert scene.lake.table("silver.totesys_sales_order").sort("sales_order_id", "seen_from").equals(frame)


@pytest.mark.long
def test_what_cannot_be_is_set_aside_and_the_rest_is_loaded(scene: Scene) -> None:
    """A date that is none, a currency that nobody knows, with it an order without a dimension; hostile text stays."""
    order, other = scene.business.sell(), scene.business.sell()
    odd = scene.business.sell()
    text = "a\tb\\N\n\\.\r\x01'\"é\N{GRINNING FACE}\\"
    with scene.server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE sales_order SET agreed_payment_date = '2022-16-01' WHERE sales_order_id = %s", (order,))
        cursor.execute("INSERT INTO currency (currency_code, last_updated) VALUES ('XQZ', now()) RETURNING currency_id")
        (currency,) = cursor.fetchone()
        cursor.execute("UPDATE sales_order SET currency_id = %s WHERE sales_order_id = %s", (currency, odd))
        cursor.execute("UPDATE address SET address_line_2 = %s, district = '\\N', city = 'NULL'", (text,))
    scene.cut()
    done = scene.load()["datasets"]["sales_order"]
    assert (done["silver_rows"], done["quarantined"]) == (2, 1)
    (bad,) = scene.lake.table("quality.quarantine").to_dicts()
    assert bad["reason"] == "agreed_payment_date: cannot read '2022-16-01' as DATE"
    assert (bad["key"], bad["row"].split("\t")[0]) == (str(order), str(order))
    places = scene.lake.table("silver.totesys_address")
    assert set(places["address_line_2"]) == {text}
    assert (set(places["district"]), set(places["city"])) == ({"\\N"}, {"NULL"})
    warned = " ".join(scene.publish()["warnings"])
    assert "currencies that are no code of ISO 4217: XQZ" in warned
    assert "1 of 3 bronze rows are in quarantine" in warned
    fact = scene.lake.table("gold.totesys_fact_sales_order")
    assert fact["sales_order_id"].to_list() == [other]

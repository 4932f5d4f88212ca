"""The people of ToteSys at work: seeded, and as careless as people are with keys, clocks and `last_updated`."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

Moment = Callable[[], dt.datetime]  # no time zone, as the tables have none

_CURRENCIES = ("GBP", "USD", "EUR")
_PAYMENTS = ("SALES_RECEIPT", "SALES_REFUND", "PURCHASE_PAYMENT", "PURCHASE_REFUND")
_DEPARTMENTS = (
    ("Sales", "Manchester"), ("Purchasing", "Manchester"), ("Production", "Leeds"), ("Dispatch", "Leds"),
    ("Finance", "Manchester"), ("Facilities", "Manchester"), ("Communications", "Leeds"), ("HR", None),
)  # fmt: skip
_NAMES = ("Ada", "Björn", "Chloé", "Dmitri", "Élodie", "Femi", "Grace", "Hiro", "Ingrid", "José", "Keisha", "Łukasz")
_SURNAMES = ("O'Neill", "Müller", "Nakamura", "Østergaard", "Smith-Jones", "Đorđević", "Walker", "García")
_CITIES = ("Utica", "São Paulo", "Kraków", "Aliso Viejo", "Beaumont\nNorth", "Hackensack\tBay", "Fresno", "Zürich")
_SLOW = dt.timedelta(seconds=2)  # how far one desk's clock is behind
_WEIGHTS = {"sell": 40, "buy": 12, "amend": 18, "edit": 5, "cancel": 6, "later": 7, "slow": 7, "move": 3, "hire": 2}


class Business:
    """Works through one connection, and keeps another one's transaction open now and then."""

    def __init__(self, connect: Callable[[], Any], seed: int = 0, now: Moment | None = None) -> None:
        self._connection = connect()
        self._connection.autocommit = True
        self._connect = connect
        self._random = random.Random(seed)
        self._now = now or (lambda: dt.datetime.now(dt.UTC).replace(tzinfo=None))
        self._late: Any = None

    def open(self, designs: int = 40, counterparties: int = 20, staff: int = 20) -> bool:
        """Fill the tables that trade needs, where that is not done; whether it was not."""
        if self._one("SELECT count(*) FROM currency"):
            return False
        for code in _CURRENCIES:
            self._insert("currency", currency_code=code)
        for name in _PAYMENTS:
            self._insert("payment_type", payment_type_name=name)
        for name, location in _DEPARTMENTS:
            self._insert("department", department_name=name, location=location, manager=self._person())
        for _ in range(staff):
            self.hire()
        for number in range(counterparties):
            address = self._address()
            self._insert("counterparty", counterparty_legal_name=f"Totes & Söhne {number}", legal_address_id=address)
        for number in range(designs):
            self._insert("design", design_name=f"Design {number}", file_location="/usr", file_name=f"d-{number}.json")
        return True

    def work(self, events: int) -> list[str]:
        """So many events, each a transaction of its own; their kinds."""
        kinds = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=events)
        for kind in kinds:
            getattr(self, kind)()
        return kinds

    def close(self) -> None:
        """Commit what is open, and go home."""
        self.settle()
        self._connection.close()

    def sell(self, at: dt.datetime | None = None, cursor: Any = None) -> int:
        """A sale with its transaction and payment; the order's number."""
        order = self._insert(
            "sales_order", at, cursor,
            design_id=self._any("design"),
            staff_id=self._any("staff"),
            counterparty_id=self._any("counterparty"),
            units_sold=self._random.randint(1_000, 100_000),
            unit_price=f"{self._random.randint(200, 400) / 100:.2f}",
            currency_id=self._any("currency"),
            agreed_delivery_date=self._date(),
            agreed_payment_date=self._date(),
            agreed_delivery_location_id=self._any("address"),
        )  # fmt: skip
        self._pay(order, None, at, cursor)
        return order

    def buy(self) -> None:
        """A purchase with its transaction and payment."""
        order = self._insert(
            "purchase_order",
            staff_id=self._any("staff"),
            counterparty_id=self._any("counterparty"),
            item_code=f"ITEM{self._random.randint(0, 999):03d}",
            item_quantity=self._random.randint(1, 500),
            item_unit_price=f"{self._random.randint(100, 90_000) / 100:.2f}",
            currency_id=self._any("currency"),
            agreed_delivery_date=self._date(),
            agreed_payment_date=self._date(),
            agreed_delivery_location_id=self._any("address"),
        )
        self._pay(None, order)

    def amend(self) -> None:
        """Another number of units, as the application writes it."""
        if order := self._any("sales_order"):
            units = self._random.randint(1_000, 100_000)
            self._do(
                "UPDATE sales_order SET units_sold = %s, last_updated = %s WHERE sales_order_id = %s",
                units, self._now(), order,
            )  # fmt: skip

    def edit(self) -> None:
        """Another price by hand, without a word in `last_updated`."""
        if order := self._any("sales_order"):
            price = f"{self._random.randint(200, 400) / 100:.2f}"
            self._do("UPDATE sales_order SET unit_price = %s WHERE sales_order_id = %s", price, order)

    def cancel(self) -> None:
        """An order that goes with all that hangs on it."""
        if not (order := self._any("sales_order")):
            return
        on_it = "SELECT transaction_id FROM transaction WHERE sales_order_id = %s"
        with self._connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"DELETE FROM payment WHERE transaction_id IN ({on_it})", (order,))
            cursor.execute("DELETE FROM transaction WHERE sales_order_id = %s", (order,))
            cursor.execute("DELETE FROM sales_order WHERE sales_order_id = %s", (order,))
            cursor.execute("COMMIT")

    def later(self) -> None:
        """A sale that is entered now and committed only when the next one is, with the earlier time in it."""
        self.settle()
        self._late = self._connect()
        with self._late.cursor() as cursor:
            self.sell(self._now(), cursor)

    def slow(self) -> None:
        """A sale at the desk whose clock is behind."""
        self.sell(self._now() - _SLOW)

    def move(self) -> None:
        """A department goes elsewhere, and with it all its staff: their own rows say nothing of it."""
        where = self._random.choice(_CITIES)
        self._do(
            "UPDATE department SET location = %s, last_updated = %s WHERE department_id = %s",
            where, self._now(), self._any("department"),
        )  # fmt: skip

    def hire(self) -> None:
        """A new colleague."""
        first, last = self._random.choice(_NAMES), self._random.choice(_SURNAMES)
        mail = f"{first}.{last}@terrifictotes.example".lower()
        self._insert(
            "staff", first_name=first, last_name=last, department_id=self._any("department"), email_address=mail
        )

    def _pay(self, sale: int | None, purchase: int | None, at: dt.datetime | None = None, cursor: Any = None) -> None:
        kind = "SALE" if sale else "PURCHASE"
        entry = self._insert(
            "transaction", at, cursor, transaction_type=kind, sales_order_id=sale, purchase_order_id=purchase
        )
        self._insert(
            "payment", at, cursor,
            transaction_id=entry,
            counterparty_id=self._any("counterparty"),
            payment_amount=f"{self._random.randint(100, 9_999_999) / 100:.2f}",
            currency_id=self._any("currency"),
            payment_type_id=self._any("payment_type"),
            paid=self._random.random() < 0.5,
            payment_date=self._date(),
            company_ac_number=self._random.randint(10_000_000, 99_999_999),
            counterparty_ac_number=self._random.randint(10_000_000, 99_999_999),
        )  # fmt: skip

    def _address(self) -> int:
        return self._insert(
            "address",
            address_line_1=f"{self._random.randint(1, 999)} Hill Road",
            address_line_2=self._random.choice((None, "", "Suite 2")),
            district=self._random.choice((None, "Avon", "\\N")),
            city=self._random.choice(_CITIES),
            postal_code=f"{self._random.randint(10000, 99999)}-{self._random.randint(0, 9999):04d}",
            country=self._random.choice(("Brazil", "Poland", "Côte d'Ivoire")),
            phone=f"+44 {self._random.randint(1000, 9999)} {self._random.randint(100000, 999999)}",
        )

    def _person(self) -> str:
        return f"{self._random.choice(_NAMES)} {self._random.choice(_SURNAMES)}"

    def _date(self) -> str:
        return str(self._now().date() + dt.timedelta(days=self._random.randint(0, 20)))

    def _any(self, table: str) -> int | None:
        """A key of a table, None where it has no row."""
        many = self._one(f"SELECT count(*) FROM {table}")
        if not many:
            return None
        at = self._random.randrange(many)
        found: int = self._one(f"SELECT {table}_id FROM {table} ORDER BY 1 OFFSET {at} LIMIT 1")
        return found

    def _one(self, query: str) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]

    def _do(self, statement: str, *values: Any) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)

    def _insert(self, table: str, at: dt.datetime | None = None, cursor: Any = None, /, **values: Any) -> int:
        """A row, through the cursor of an open transaction or by itself; its key."""
        moment = at or self._now()
        row = {**values, "created_at": moment, "last_updated": moment}
        marks = ", ".join(["%s"] * len(row))
        statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks}) RETURNING {table}_id"
        if cursor is None:
            with self._connection.cursor() as own:
                own.execute(statement, list(row.values()))
                return int(own.fetchone()[0])
        cursor.execute(statement, list(row.values()))
        return int(cursor.fetchone()[0])

    def settle(self) -> None:
        """Commit the sale that is entered and not committed."""
        if self._late is not None:
            self._late.commit()
            self._late.close()
            self._late = None

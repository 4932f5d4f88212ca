"""The bill of one environment a month, line by line: what it takes times what it costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

Facts = Mapping[str, Any]
GB = 1e9


class Line(NamedTuple):
    """A line of the bill: what, its formula in numbers, US dollars a month, and the key of its group of prices."""

    what: str
    formula: str
    dollars: float
    group: str


@dataclass(frozen=True)
class Bill:
    """One environment: idle (everything stands, no DAG runs) or working."""

    prices: Facts
    usage: Facts
    environment: str
    working: bool
    guess: int = 1  # 0 low, 1 likely, 2 high

    @property
    def stands(self) -> Facts:
        """What Terraform makes."""
        found: Facts = self.usage["environments"][self.environment]["stands"]
        return found

    def of(self, usage: float | list[float]) -> float:
        """A number of the usage; of a guess the low, likely or high one."""
        return usage[self.guess] if isinstance(usage, list) else usage

    @property
    def does(self) -> Facts:
        """What a market day takes; nothing where the environment is idle."""
        working: Facts = self.usage["environments"][self.environment]["working"]
        return {name: self.of(number) if self.working else 0 for name, number in working.items()}

    def lines(self) -> list[Line]:
        """Every line, in the order of the page."""
        return [*self._mwaa(), *self._network(), *self._lake(), *self._security(), *self._watching(), *self._readers()]

    def line(self, what: str, group: str, price: str, *factors: tuple[float, str]) -> Line:
        """One line: factors with their units, times the group's price (`key/choice` where the group has choices)."""
        dollars = self.prices[group]
        for key in price.split("/"):
            dollars = dollars[key]
        factors = (*factors, (dollars, "$"))
        formula = " x ".join(f"{factor:,.6g} {unit}" for factor, unit in factors)
        return Line(what, formula, prod(factor for factor, _ in factors), group)

    def _mwaa(self) -> Iterator[Line]:
        size, hours = self.stands["mwaa_class"], self.usage["hours_a_month"]
        beyond = (self.stands["workers_beyond_one"] + self.stands["webservers_beyond_two"]) * hours
        beyond += self.does["extra_worker_hours_a_day"] * self.usage["market_days"]
        yield self.line(f"MWAA environment, {size}", "mwaa", f"environment_hour/{size}", (hours, "h"))
        yield self.line("MWAA workers and web servers beyond it", "mwaa", f"additional_hour/{size}", (beyond, "h"))
        yield self.line("MWAA metadata", "mwaa", "metadata_gb_month", (self.usage["metadata_gb"], "GB"))

    def _network(self) -> Iterator[Line]:
        hours = (self.usage["hours_a_month"], "h")
        gateways, zones = (self.stands["nat_gateways"], "gateways"), (self.stands["endpoint_zones"], "endpoint zones")
        traffic = self.usage["control_gb_a_day"] * 30 + self._rows_a_month() * self.usage["bytes_a_row"]["gzip"] / GB
        yield self.line("NAT gateways", "nat", "gateway_hour", gateways, hours)
        yield self.line("NAT gateways' addresses", "nat", "public_address_hour", gateways, hours)
        yield self.line("NAT traffic", "nat", "gb", (traffic, "GB"))
        yield self.line("Interface endpoints", "endpoints", "zone_hour", zones, hours)
        out = (self.does["traffic_out_gb_a_day"], "GB")
        yield self.line("Traffic out to readers", "traffic", "out_gb", out, (self.usage["market_days"], "days"))

    def _lake(self) -> Iterator[Line]:
        kept, size = self._rows_a_month() * self.usage["months_kept"] / GB, self.usage["bytes_a_row"]
        objects = self.does["objects_a_day"] * self.usage["market_days"]
        gets = self._puts() * self.usage["gets_a_put"]
        yield self.line("Bronze, in STANDARD_IA", "s3", "infrequent_gb_month", (kept * size["gzip"], "GB"))
        yield self.line("Bronze, on its way there", "s3", "transition_1000", (objects / 1000, "k"))
        yield self.line("Silver and gold", "s3", "standard_gb_month", (2 * kept * size["delta"], "GB"))
        yield self.line("S3 writes", "s3", "put_1000", (self._puts() / 1000, "k"))
        yield self.line("S3 reads", "s3", "get_1000", (gets / 1000, "k"))
        polls = self.usage["bell_polls_an_hour"] * self.usage["hours_a_month"]
        yield self.line("Polls for dropped files", "sqs", "requests_million", (polls / 1e6, "M"))

    def _security(self) -> Iterator[Line]:
        reads = self._task_hours() * self.usage["secret_reads_an_hour_of_tasks"]
        # Bucket keys spare most calls: about one for a thousand requests of S3, and one a secret read.
        calls = self._puts() * (1 + self.usage["gets_a_put"]) / 1000 + reads
        yield self.line("KMS keys", "kms", "key_month", (self.stands["keys"], "keys"))
        yield self.line("KMS requests", "kms", "requests_10000", (calls / 10000, "10k"))
        yield self.line("Secrets", "secrets", "secret_month", (self.stands["secrets"], "secrets"))
        yield self.line("Secrets' reads", "secrets", "calls_10000", (reads / 10000, "10k"))

    def _watching(self) -> Iterator[Line]:
        logs = self.usage["control_gb_a_day"] * 30 * 0.5 + self._task_hours() * self.usage["log_gb_an_hour_of_tasks"]
        metrics = self.usage["request_metrics"] if self.working else 0
        yield self.line("Logs taken in (Airflow, flow logs)", "cloudwatch", "ingested_gb", (logs, "GB"))
        yield self.line("Logs kept", "cloudwatch", "stored_gb_month", (logs * self.usage["months_kept"], "GB"))
        yield self.line("Request metrics of buckets, at most", "cloudwatch", "metric_month", (metrics, "metrics"))
        yield self.line("Alarms", "cloudwatch", "alarm_month", (self.stands["alarms"], "alarms"))
        yield self.line("Dashboard", "cloudwatch", "dashboard_month", (1, "dashboard"))

    def _readers(self) -> Iterator[Line]:
        tier, size, days = self.stands["tier"], self.stands["warehouse"], (self.usage["market_days"], "days")
        rate = (self.usage["warehouse_dbu_an_hour"][size], "DBU")
        yield self.line("Athena", "athena", "scanned_tb", (self.does["athena_tb"], "TB"))
        jobs, hours = (self.does["job_dbu_a_day"], "DBU"), (self.does["sql_hours_a_day"], "h")
        yield self.line(f"Databricks jobs, serverless, {tier}", "databricks", f"jobs_dbu/{tier}", jobs, days)
        starts = ((self.does["starts_a_day"], "starts"), (self.of(self.usage["start_dbu"]), "DBU"))
        yield self.line("Their start-up", "databricks", f"jobs_dbu/{tier}", *starts, days)
        yield self.line(f"Databricks SQL warehouse, {size}", "databricks", f"sql_dbu/{tier}", hours, days, rate)
        minutes = (self.does["runner_minutes_a_day"], "minutes")
        yield self.line("GitHub's runners", "runners", "linux_minute", minutes, days)

    def _rows_a_month(self) -> float:
        return float(self.does["rows_a_day"] * self.usage["market_days"])

    def _task_hours(self) -> float:
        return float(self.does["task_hours_a_day"] * self.usage["market_days"])

    def _puts(self) -> float:
        return float(self.does["objects_a_day"] * self.usage["market_days"] * self.usage["puts_an_object"])

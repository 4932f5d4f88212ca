"""Links on a task's page: to what it wrote."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from airflow.sdk import BaseOperatorLink
from airflow.sdk.execution_time.xcom import XCom

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class BronzeLink(BaseOperatorLink):
    """The objects of the market day in S3, where the task landed any."""

    name = "Objects in bronze"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """The console's page of the day's folder; the objects' list itself where S3 is no AWS."""
        landed = XCom.get_value(key="return_value", ti_key=ti_key) or {}
        if not landed.get("commits"):
            return ""
        commit = landed["commits"][0]
        folder = quote(f"{commit['key'].rpartition('/')[0]}/", safe="/=")
        if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
            return f"{endpoint}/{commit['bucket']}?list-type=2&prefix={folder}"
        return f"https://console.aws.amazon.com/s3/buckets/{commit['bucket']}?prefix={folder}"


class TablesLink(BaseOperatorLink):
    """The schema that the job wrote, in the workspace's catalog."""

    name = "Tables in the catalog"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """The page of silver, quality or gold in the catalog explorer of the workspace that ran the job."""
        page = XCom.get_value(key="run_page_url", ti_key=ti_key)
        if not page:
            return ""
        place = urlsplit(page)
        return f"{place.scheme}://{place.netloc}/explore/data/{settings.catalog()}/{operator.job}"  # type: ignore[attr-defined]

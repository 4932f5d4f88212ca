"""What a task read and wrote as OpenLineage tells it; nothing of OpenLineage is imported before a task has ended.

Airflow's provider asks an operator's `get_openlineage_facets_on_complete`, and only where a transport is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

Field = tuple[str, str, str]  # namespace and name of a dataset, and one of its columns


class Told(msgspec.Struct, frozen=True):
    """A dataset as OpenLineage names it; `columns` have a type and a description each.

    `came_of` says of a column of which columns of others it was made, `failed` which checks its rows did not pass.
    """

    namespace: str
    name: str
    columns: Mapping[str, tuple[str, str]] = {}
    rows: int | None = None
    size: int | None = None  # bytes
    came_of: Mapping[str, tuple[Field, ...]] = {}
    failed: tuple[str, ...] = ()


def lineage(inputs: Iterable[Told], outputs: Iterable[Told]) -> Any:
    """Both as the provider takes them."""
    from airflow.providers.openlineage.extractors import OperatorLineage

    return OperatorLineage(inputs=[_input(each) for each in inputs], outputs=[_output(each) for each in outputs])


def _input(told: Told) -> Any:
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality
    from openlineage.client.facet_v2 import data_quality_metrics_input_dataset as metrics

    found: dict[str, Any] = {}
    if told.rows is not None:
        found["dataQualityMetrics"] = metrics.DataQualityMetricsInputDatasetFacet(rowCount=told.rows, columnMetrics={})
    if told.failed:
        broken = [quality.Assertion(assertion=each, success=False) for each in told.failed]
        found["dataQualityAssertions"] = quality.DataQualityAssertionsDatasetFacet(assertions=broken)
    return InputDataset(namespace=told.namespace, name=told.name, facets=_facets(told), inputFacets=found)


def _output(told: Told) -> Any:
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

    found: dict[str, Any] = {}
    if told.rows is not None:
        counted = statistics.OutputStatisticsOutputDatasetFacet(rowCount=told.rows, size=told.size)
        found["outputStatistics"] = counted
    return OutputDataset(namespace=told.namespace, name=told.name, facets=_facets(told), outputFacets=found)


def _facets(told: Told) -> dict[str, Any]:
    from openlineage.client.facet_v2 import column_lineage_dataset as columns
    from openlineage.client.facet_v2 import schema_dataset as schema

    found: dict[str, Any] = {}
    if told.columns:
        fields = [
            schema.SchemaDatasetFacetFields(name=name, type=kind or None, description=words or None)
            for name, (kind, words) in told.columns.items()
        ]
        found["schema"] = schema.SchemaDatasetFacet(fields=fields)
    if told.came_of:
        made = {
            name: columns.Fields(inputFields=[columns.InputField(*field) for field in fields])
            for name, fields in told.came_of.items()
        }
        found["columnLineage"] = columns.ColumnLineageDatasetFacet(fields=made)
    return found

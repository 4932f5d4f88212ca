"""The connection type, as Airflow finds it."""

from __future__ import annotations

import json
from importlib.resources import files
from unittest import mock

import airflow
import jsonschema
from airflow.providers_manager import ProviderInfo, ProvidersManager

from anthill.provider import get_provider_info
from anthill.sources.polygon.hook import PolygonHook


def test_it_follows_airflows_schemas() -> None:
    """Both the run-time schema and that of provider.yaml, which knows the connection's fields."""
    runtime, full = (
        json.loads(files(airflow).joinpath(name).read_text())
        for name in ("provider_info.schema.json", "provider.yaml.schema.json")
    )
    jsonschema.validate(get_provider_info(), runtime)
    (connection,) = get_provider_info()["connection-types"]
    jsonschema.validate(connection, full["properties"]["connection-types"]["items"])


def test_airflow_shows_the_type_with_its_fields() -> None:
    """The form has key, address, plan and rate, and no fields that mean nothing."""
    manager = ProvidersManager()

    def only_ours(self: ProvidersManager) -> None:
        self._provider_dict["anthill"] = ProviderInfo("0", get_provider_info())

    with mock.patch.object(ProvidersManager, "initialize_providers_list", only_ours):
        manager._cleanup()
        try:
            manager.initialize_providers_hooks()
            hook = manager.hooks["polygon"]
            widgets = {name: widget.field for name, widget in manager.connection_form_widgets.items()}
            behaviour = manager.field_behaviours["polygon"]
        finally:
            manager._cleanup()
    assert hook is not None
    assert (hook.hook_name, hook.connection_id_attribute_name) == ("Polygon.io", PolygonHook.conn_name_attr)
    assert set(widgets) == {"extra__polygon__plan", "extra__polygon__requests_per_minute"}
    assert widgets["extra__polygon__plan"]["schema"]["enum"] == ["basic", "starter", "developer", "advanced"]
    assert behaviour["relabeling"] == {"password": "API key", "host": "Base URL"}

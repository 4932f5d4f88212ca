"""What the installed distribution tells Airflow: the connection type of Polygon."""

from __future__ import annotations

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """The provider's description, in the form of Airflow's provider schema."""
    return {
        "package-name": "anthill",
        "name": "Anthill",
        "description": "Market data from Polygon.io.",
        "hooks": [{"integration-name": "Polygon.io", "python-modules": ["anthill.sources.polygon.hook"]}],
        "integrations": [
            {"integration-name": "Polygon.io", "external-doc-url": "https://polygon.io/docs", "tags": ["service"]}
        ],
        "connection-types": [
            {
                "connection-type": "polygon",
                "hook-class-name": "anthill.sources.polygon.hook.PolygonHook",
                "hook-name": "Polygon.io",
                "ui-field-behaviour": {
                    "hidden-fields": ["login", "port", "schema", "extra"],
                    "relabeling": {"password": "API key", "host": "Base URL"},
                    "placeholders": {"host": "https://api.polygon.io", "password": "the key from the dashboard"},
                },
                "conn-fields": {
                    "plan": {
                        "label": "Plan",
                        "description": "What the key may do: basic is 5 calls a minute, the others 100 a second.",
                        "schema": {
                            "type": ["string", "null"],
                            "enum": ["basic", "starter", "developer", "advanced"],
                            "default": "basic",
                        },
                    },
                    "requests_per_minute": {
                        "label": "Requests a minute",
                        "description": "Instead of the plan's own rate; 0 is no limit. Empty: the plan's.",
                        "schema": {"type": ["integer", "null"], "minimum": 0},
                    },
                },
            }
        ],
    }

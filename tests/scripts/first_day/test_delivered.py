"""What is put into what Terraform made is looked for as the environment's values say."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from scripts.first_day import delivered
from scripts.first_day.place import Place


@pytest.mark.parametrize(("given", "more"), [({}, []), ({"warehouse": {}}, ["warehouse_default"])])
def test_a_warehouse_has_a_connection(monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], more: list[str]) -> None:
    """Terraform makes its secret with it, whether or not anybody lists the connection: it wants a value, too."""
    asked: list[str] = []
    deployment = SimpleNamespace(lacking_secrets=lambda declared: asked.extend(declared))
    monkeypatch.setattr(delivered, "_deployment", lambda _: deployment)
    place = SimpleNamespace(given=lambda *_: {"connections": ["polygon_default"], **given})
    delivered.secrets(cast("Place", place))
    assert asked == ["polygon_default", *more]

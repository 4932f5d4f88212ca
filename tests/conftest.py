"""What every test starts from: Airflow as the stack configures it, over a home of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

# A slow machine is no failure. In CI the same commit gives the same answer; what other days find becomes an `@example`.
settings.register_profile(
    "anthill", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("anthill")

# A worker of pytest-xdist has no main file, which pyspark takes for a doctest of its own.
sys.modules["__main__"].__dict__.setdefault("__file__", __file__)

# Before the first import of Airflow, which reads its configuration then.
_home = tempfile.TemporaryDirectory(prefix="anthill-tests-")
os.environ.update(
    AIRFLOW_HOME=_home.name,
    AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
    AWS_EC2_METADATA_DISABLED="true",
)
for name in [name for name in os.environ if name.startswith(("AIRFLOW_CONN_", "AWS_ENDPOINT"))]:
    del os.environ[name]  # a test reaches only what it starts itself

# One image for Airflow's parts and the stand-ins, from the same lock as everything else. Layers change from rarely to
# often: Python, the locked packages, the code. Code is mounted over /opt/anthill by docker-compose.yaml. `make images`
# writes Python's digest; without `@sha256:…` it is not yet written.

FROM python:3.12.8-slim-bookworm AS packages
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/venv
WORKDIR /opt/anthill
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-cache --no-default-groups --group mwaa --group local --group containers --no-install-project
# The package itself is a pointer to /opt/anthill/plugins, so that a mounted folder is what runs.
COPY README.md LICENSE ./
COPY plugins plugins
COPY include include
COPY dags/closures.yaml dags/
RUN uv sync --frozen --no-cache --no-default-groups --group mwaa --group local --group containers

FROM python:3.12.8-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH AIRFLOW_HOME=/opt/airflow PYTHONUNBUFFERED=1
WORKDIR /opt/anthill
# Named volumes take their owner from the folders that the image has in their place.
RUN useradd --uid 50000 --create-home --shell /usr/sbin/nologin anthill \
    && install --directory --owner anthill /opt/airflow /opt/airflow/logs /var/lib/anthill
COPY --from=packages /opt/venv /opt/venv
COPY databricks databricks
COPY local local
COPY dags dags
COPY plugins plugins
COPY include include
USER 50000

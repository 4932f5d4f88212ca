"""Each reason for which a package is refused; that this repository has none, `test_package.py` shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery import package, refusals
from delivery.archive import unzipped, zipped
from delivery.checkout import Checkout

ROOT = Path(__file__).parents[2]
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def whole() -> Files:
    """What this repository delivers."""
    return package.contents(Checkout(ROOT))


@pytest.fixture
def files(whole: Files) -> Files:
    """The same with a small plugins.zip, to be changed."""
    return {**whole, "plugins.zip": zipped({"anthill/__init__.py": b""})}


@pytest.fixture
def few() -> Files:
    """A file of each part."""
    small = dict.fromkeys(("dags/stocks.py", "requirements.txt", "startup.sh"), b"\n")
    return {**small, "plugins.zip": zipped({"anthill/__init__.py": b""})}


@pytest.mark.parametrize(
    ("part", "key"),
    [("dags/", "dags/data.csv"), ("plugins.zip", "plugins.zip"), ("requirements.txt",) * 2, ("startup.sh",) * 2],
)
def test_data_is_refused(files: Files, part: str, key: str) -> None:
    """A byte more than the limit of its part; an empty part as well."""
    held = sum(len(data) for name, data in files.items() if name.startswith("dags/")) if part == "dags/" else 0
    files[key] = b"#" * (refusals.LARGEST[part] - held)
    assert list(refusals.sizes(files)) == []
    files[key] += b"#"
    (reason,) = refusals.sizes(files)
    assert reason.startswith(f"{part} has {refusals.LARGEST[part] + 1:,} bytes")
    for name in [name for name in files if name.startswith(part)]:
        files[name] = b""
    assert f"{part} is empty or missing" in list(refusals.sizes(files))


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("dags/anthill.py", "dags/ and plugins/ both have anthill"),
        ("dags/anthill/stocks.py", "dags/ and plugins/ both have anthill"),
        ("dags/massive.py", "dags/ has massive, which massive brings too"),
        ("dags/airflow/stocks.py", "dags/ has airflow, which apache-airflow"),
        ("dags/calendar.py", "dags/ has calendar, a module of Python itself"),
    ],
)
def test_names_that_clash_in_dags(files: Files, file: str, words: str) -> None:
    """With the package, with an installed distribution, with Python."""
    assert list(refusals.names(files)) == []
    assert any(words in reason for reason in refusals.names({**files, file: b""}))


def test_names_that_clash_in_plugins(files: Files) -> None:
    """A plugin file that hides a distribution, or that a distribution hides."""
    files["plugins.zip"] = zipped({"anthill/__init__.py": b"", "yaml/__init__.py": b"", "json.py": b""})
    reasons = list(refusals.names(files))
    assert any("plugins/ has yaml, which PyYAML brings too" in reason for reason in reasons)
    assert any("plugins/ has json, a module of Python itself" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("added", "words"),
    [
        (b"pandas==1.0.0 \\\n    --hash=sha256:0\n", "pandas==1.0.0, MWAA's constraints 3.0.5"),
        (b"PyYAML==5.1\n", "pyyaml==5.1, MWAA's constraints"),
        (b"some-library>=2\n", "does not pin some-library>=2"),
        (b"git+https://example.com/x.git\n", "does not pin git"),
    ],
)
def test_requirements_outside_the_constraints(files: Files, added: bytes, words: str) -> None:
    """Another version than MWAA's, however the name is written, and lines that pin nothing."""
    files["requirements.txt"] += added
    assert any(words in reason for reason in refusals.requirements(files))


def test_requirements_without_constraints(files: Files) -> None:
    """The line that names them, and the file that it names."""
    (reason,) = refusals.requirements({**files, "requirements.txt": b"massive==2.9.1\n"})
    assert "lacks the line" in reason
    (reason,) = refusals.requirements({**files, "dags/constraints.txt": b""})
    assert reason.startswith("dags/constraints.txt is missing or empty")


SECRETS = {
    "AWS": "key = 'AKIA" + "IOSFODNN7EXAMPLQ'",
    "password": "polygon_" + "api_key = 'Zq8rT2xLw9KdPf4sVb6nMj3h'",
    "private key": "-----BEGIN RSA PRIVATE " + "KEY-----",
    "Databricks": "token: dapi" + "0123456789abcdef" * 2,
    "URL": "url = 'postgresql://airflow:" + "hunter2secret@database.example.com/airflow'",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
@pytest.mark.parametrize("place", ["dags/stocks.py", "plugins.zip", "startup.sh"])
def test_secrets_are_found_and_not_repeated(few: Files, place: str, secret: str) -> None:
    """File and line are named, the secret is not."""
    lines = f"\n\n{secret}\n".encode()
    if place == "plugins.zip":
        few[place] = zipped({**unzipped(few[place]), "include/datasets/stocks.yaml": lines})
    else:
        few[place] = lines
    found = [reason for reason in refusals.secrets(few) if "line 3 looks like a secret" in reason]
    assert found
    assert all(word not in reason for reason in found for word in ("AKIA", "Zq8r", "dapi0", "hunter2"))

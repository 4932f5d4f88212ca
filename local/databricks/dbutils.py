"""`dbutils` as a notebook sees it: widgets, notebook, fs over S3, secrets from the environment, task values."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit


class NotebookExit(BaseException):  # a way out, not an error: `except Exception` must not catch it
    """Ends the notebook with a value."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


@dataclass(frozen=True)
class FileInfo:
    """A listed file: `size` in bytes, `modificationTime` in epoch milliseconds."""

    path: str
    name: str
    size: int
    modificationTime: int  # noqa: N815 - Databricks' own name


class Widgets:
    """The run's parameters; a default given by the notebook counts only where the run has none."""

    def __init__(self, values: dict[str, str]) -> None:
        self._given, self._defaults = values, dict[str, str]()

    def text(self, name: str, defaultValue: str = "", label: str | None = None) -> None:  # noqa: N803
        """Declare a parameter."""
        self._defaults[name] = str(defaultValue)

    def dropdown(self, name: str, defaultValue: str, choices: list[str], label: str | None = None) -> None:  # noqa: N803
        """Declare a parameter with choices."""
        if str(defaultValue) not in choices:
            raise ValueError(f"Widget {name}: the default {defaultValue!r} is not one of {choices}.")
        self.text(name, defaultValue, label)

    combobox = multiselect = dropdown

    def get(self, name: str) -> str:
        """A parameter's value."""
        try:
            return {**self._defaults, **self._given}[name]
        except KeyError:
            raise ValueError(f"InputWidgetNotDefined: no input widget named {name} is defined") from None

    def getAll(self) -> dict[str, str]:  # noqa: N802
        """Every parameter and its value."""
        return {**self._defaults, **self._given}

    def getArgument(self, name: str, default: str = "") -> str:  # noqa: N802
        """A parameter's value, or the default."""
        return self.getAll().get(name, default)

    def remove(self, name: str) -> None:
        """Forget a declared parameter."""
        self._defaults.pop(name, None)

    def removeAll(self) -> None:  # noqa: N802
        """Forget every declared parameter."""
        self._defaults.clear()


class Notebook:
    """Leaving a notebook."""

    def exit(self, value: str) -> None:
        """End the run with a value, which get-output gives as `notebook_output.result`."""
        raise NotebookExit(str(value))

    def run(self, path: str, timeout_seconds: int = 0, arguments: dict[str, str] | None = None) -> str:
        """Child notebooks are jobs of their own on this workspace."""
        raise NotImplementedError(f"dbutils.notebook.run({path!r}) is not supported here: use %run or a job task.")


class Files:
    """Read-only access to S3; `may_read` refuses a path."""

    def __init__(self, may_read: Callable[[str], None]) -> None:
        self._may_read = may_read

    @cached_property
    def _s3(self) -> Any:
        import boto3

        return boto3.client("s3")

    def ls(self, path: str) -> list[FileInfo]:
        """The files and folders directly under a path."""
        self._may_read(path)
        bucket, key = _bucket_and_key(path)
        prefix = f"{key.rstrip('/')}/" if key else ""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        found: list[FileInfo] = []
        for page in pages:
            for folder in page.get("CommonPrefixes", []):
                name = PurePosixPath(folder["Prefix"]).name + "/"
                found.append(FileInfo(f"s3://{bucket}/{folder['Prefix']}", name, 0, 0))
            for item in page.get("Contents", []):
                modified = int(item["LastModified"].timestamp() * 1000)
                name = PurePosixPath(item["Key"]).name
                found.append(FileInfo(f"s3://{bucket}/{item['Key']}", name, item["Size"], modified))
        if not found:
            raise FileNotFoundError(f"java.io.FileNotFoundException: No such file or directory {path}")
        return found

    def head(self, path: str, maxBytes: int = 65536) -> str:  # noqa: N803
        """The first bytes of a file, as text."""
        self._may_read(path)
        bucket, key = _bucket_and_key(path)
        body = self._s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{maxBytes - 1}")["Body"].read()
        return str(body.decode("utf-8", errors="replace"))


class Secrets:
    """Secrets from environment variables named SECRET_{SCOPE}_{KEY}."""

    def get(self, scope: str, key: str) -> str:
        """A secret, or an error that says which variable to set."""
        name = f"SECRET_{scope}_{key}".upper().replace("-", "_")
        if name not in os.environ:
            raise ValueError(f"Secret does not exist with scope: {scope} and key: {key}. Here it is read from {name}.")
        return os.environ[name]


class TaskValues:
    """Small values that the tasks of one run hand to each other."""

    def __init__(self, values: dict[str, dict[str, Any]], publish: Callable[[str, Any], None]) -> None:
        self._values, self._publish = values, publish

    def set(self, key: str, value: Any) -> None:
        """Publish a JSON value of this task."""
        self._publish(key, value)

    def get(self, taskKey: str, key: str, default: Any = None, debugValue: Any = None) -> Any:  # noqa: N803
        """A value that another task of this run published."""
        try:
            return self._values[taskKey][key]
        except KeyError:
            if default is None:
                raise ValueError(
                    f"Task value {key!r} of task {taskKey!r} is not set, and no default is given."
                ) from None
            return default


class Jobs:
    """What belongs to the job run."""

    def __init__(self, task_values: TaskValues) -> None:
        self.taskValues = task_values


class DBUtils:
    """The object that notebooks know as `dbutils`."""

    def __init__(
        self,
        parameters: dict[str, str],
        task_values: dict[str, dict[str, Any]],
        publish: Callable[[str, Any], None],
        may_read: Callable[[str], None],
    ) -> None:
        self.widgets = Widgets(parameters)
        self.notebook = Notebook()
        self.fs = Files(may_read)
        self.secrets = Secrets()
        self.jobs = Jobs(TaskValues(task_values, publish))


def _bucket_and_key(path: str) -> tuple[str, str]:
    url = urlsplit(path)
    if url.scheme not in {"s3", "s3a"}:
        raise ValueError(f"dbutils.fs reads s3:// paths here, not {path!r}.")
    return url.netloc, url.path.lstrip("/")

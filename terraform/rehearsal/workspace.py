"""A copy of the Terraform tree that talks to the emulator: the same files, plus one override file a root."""
# ruff: noqa: S603, S607 - starts terraform and find, with arguments of its own

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TREE = Path(__file__).parents[1]
SERVICES = [
    "athena",
    "budgets",
    "cloudwatch",
    "cloudwatchlogs",
    "ec2",
    "glue",
    "iam",
    "kms",
    "s3",
    "secretsmanager",
    "sns",
    "ssm",
    "sts",
]
_SEARCHED = ("/opt", "/usr/share", "/usr/local", "~/.terraform.d", "~/.local/share/terraform", "/root", "/")


@cache
def plugin_folder() -> Path | None:
    """The machine's folder of real Terraform providers that holds hashicorp/aws 5 or 6, if there is one."""
    for root in _SEARCHED:
        command = [
            "find",
            str(Path(root).expanduser()),
            "-xdev",
            "-name",
            "terraform-provider-aws_v[56]*",
            "-print",
            "-quit",
        ]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
        if found and "registry.terraform.io/hashicorp/aws" in found[0]:
            return Path(found[0]).parents[5]
    return None


def missing() -> str | None:
    """Why a real apply is not possible here; None where it is."""
    if shutil.which("terraform") is None:
        return "terraform is not installed"
    if plugin_folder() is None and not os.environ.get("ANTHILL_TERRAFORM_REGISTRY"):
        return "no real aws provider on this machine (ANTHILL_TERRAFORM_REGISTRY=1 fetches it from the registry)"
    return None


@dataclass(frozen=True)
class Workspace:
    """A copied tree, and the address of the emulator."""

    folder: Path
    endpoint: str

    @classmethod
    def make(cls, folder: Path, endpoint: str) -> "Workspace":
        """Copy the tree to `folder`, without what earlier runs left."""
        shutil.copytree(
            TREE, folder, symlinks=True, ignore=shutil.ignore_patterns(".terraform*", "rehearsal", "*.tfstate*")
        )
        return cls(folder, endpoint)

    def terraform(self, root: str, *args: str, allowed: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """Run terraform in a root (a path under terraform/); RuntimeError unless its exit code is allowed."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_"))}
        environment |= {
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            # MWAA's client puts `api.` before the host, which no loopback address takes: that one host goes by proxy.
            "HTTP_PROXY": self.endpoint,
        }
        done = subprocess.run(
            ["terraform", args[0], *(() if args[0] in ("show", "state", "output") else ("-input=false",)), *args[1:]],
            cwd=self.folder / root, env=environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        if done.returncode not in allowed:
            raise RuntimeError(
                f"terraform {' '.join(args)} in {root}: exit {done.returncode}\n{done.stderr or done.stdout}"
            )
        return done

    def init(self, root: str) -> None:
        """Point a root at the emulator and initialise it, with the state where its own key.tfbackend says."""
        folder = self.folder / root
        backend = (folder / "key.tfbackend").exists()
        (folder / "rehearsal_override.tf.json").write_text(json.dumps(self._override(backend)))
        plugins = plugin_folder()
        options = ["-no-color", *([f"-plugin-dir={plugins}"] if plugins else [])]
        if backend:
            options += ["-backend-config=../../state.tfbackend", "-backend-config=key.tfbackend"]
        self.terraform(root, "init", *options)

    def _override(self, backend: bool) -> dict[str, object]:
        keys = {"access_key": "test", "secret_key": "test"}
        provider = {
            **keys,
            "s3_use_path_style": True,
            "skip_metadata_api_check": True,
            "max_retries": 2,
            "endpoints": {**dict.fromkeys(SERVICES, self.endpoint), "mwaa": "http://mwaa.invalid"},
        }
        s3 = {
            **keys,
            "use_lockfile": True,
            "encrypt": True,
            "use_path_style": True,
            "skip_metadata_api_check": True,
            "endpoints": {"s3": self.endpoint, "sts": self.endpoint, "iam": self.endpoint},
        }
        override: dict[str, object] = {"provider": {"aws": provider}}
        return {**override, "terraform": {"backend": {"s3": s3}}} if backend else override

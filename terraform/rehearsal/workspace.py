"""A copy of the Terraform tree that talks to the emulator: the same files, plus one override file a root."""
# ruff: noqa: S603 - starts terraform with arguments of its own

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from terraform.providers import GARBAGE, NO_TERRAFORM, TREE, fetched, plugin_folder, registry_answers
from terraform.rehearsal import older
from terraform.root import VALUES, Root

SERVICES = [
    "athena",
    "budgets",
    "cloudwatch",
    "cloudwatchlogs",
    "ec2",
    "ecr",
    "ecs",
    "events",
    "glue",
    "iam",
    "kms",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
]


def missing() -> str | None:
    """Why a real apply is not possible here; None where it is."""
    if shutil.which("terraform") is None:
        return NO_TERRAFORM
    if plugin_folder() is None and not registry_answers():
        return "no real aws provider: no plugin folder on this machine, and the Terraform registry does not answer"
    return None


@dataclass(frozen=True)
class Workspace:
    """A copied tree, and the address of the emulator."""

    folder: Path
    endpoint: str
    plugins: Path
    left_out: tuple[str, ...] = ()

    @classmethod
    def make(cls, folder: Path, endpoint: str) -> "Workspace":
        """Copy the tree to `folder`, without what earlier runs left; RuntimeError where no provider can be had."""
        plugins = plugin_folder() or fetched(folder.parent)
        if plugins is None:
            raise RuntimeError(missing() or "the Terraform registry gave no providers")
        (folder.parent / "include").symlink_to(TREE.resolve().parent / "include")  # stacks read what is declared
        shutil.copytree(
            TREE, folder, symlinks=True, ignore=shutil.ignore_patterns(".terraform*", "rehearsal", "*.tfstate*")
        )
        return cls(folder, endpoint, plugins, tuple(older.suit(folder, older.version(plugins))))

    def root(self, environment: str, stack: str) -> Root:
        """A stack, such as platform_development/lake, in an environment of this tree."""
        return Root(environment, *stack.split("/", 1), tree=self.folder)

    def terraform(
        self, root: Root, verb: str, *options: str, allowed: tuple[int, ...] = (0,), settings: Path = Path(os.devnull)
    ) -> subprocess.CompletedProcess[str]:
        """Run terraform for a root, by a file of settings; RuntimeError unless its exit code is allowed."""
        asked = () if verb in ("show", "state", "output", "get", "test") else ("-input=false",)
        return self._run(root.command(verb, *asked, *options), root.surroundings, allowed, settings)

    def _run(
        self,
        command: list[str],
        surroundings: dict[str, str],
        allowed: tuple[int, ...] = (0,),
        settings: Path = Path(os.devnull),
    ) -> subprocess.CompletedProcess[str]:
        kept = ("TF_DATA_DIR",)
        environment = {
            key: value for key, value in surroundings.items() if key in kept or not key.startswith(("TF_", "AWS_"))
        }
        environment |= {
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": str(settings),
            "CHECKPOINT_DISABLE": "1",
            # What stands in for a provider by its schema speaks without TLS, on this machine alone.
            "TF_DISABLE_PLUGIN_TLS": "1",
            "GOGC": str(GARBAGE),
            "AWS_EC2_METADATA_DISABLED": "true",
            # MWAA's client puts `api.` before the host, which no loopback address takes: that one host goes by proxy.
            "HTTP_PROXY": self.endpoint,
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode not in allowed:
            raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr or done.stdout}")
        return done

    def init(self, root: Root) -> None:
        """Point a root at the emulator and initialise it, with the state where its environment's lie."""
        self.override(root.folder, backend=True)
        self.terraform(root, "init", "-no-color", f"-plugin-dir={self.plugins}")

    def bootstrap(self, environment: str) -> None:
        """The state bucket and its key, as an administrator makes them: with a state on this machine."""
        folder, values = self.folder / "bootstrap", self.folder / "environments" / environment / VALUES
        self.override(folder, backend=False)
        terraform = ["terraform", f"-chdir={folder}"]
        surroundings = {key: value for key, value in os.environ.items() if key != "TF_DATA_DIR"}
        self._run([*terraform, "init", "-input=false", "-no-color", f"-plugin-dir={self.plugins}"], surroundings)
        # Nobody records what happens here: the emulator has no access analyser, and a trail would outlive the stacks.
        given = (f"-var-file={values}", "-var=organisation_trail=true")
        self._run([*terraform, "apply", "-input=false", "-auto-approve", "-no-color", *given], surroundings)

    def override(self, folder: Path, *, backend: bool) -> None:
        """Put beside a root's files what points it at the emulator."""
        (folder / "rehearsal_override.tf.json").write_text(json.dumps(self._override(backend)))

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

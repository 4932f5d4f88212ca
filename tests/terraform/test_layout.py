"""The tree's own rules: one place for constraints, one state a root, no logic copied between environments."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from anthill import catalog
from anthill.include import include_dir
from local import lake
from scripts.configuration import values
from terraform import readme
from terraform.providers import TREE
from terraform.rehearsal.stacks import DATABRICKS
from terraform.root import PROJECT, STATE, TEAMS, VALUES, Root, environments, projects, stacks

STACKS = {
    "platform_development": {"security", "network", "lake", "databricks", "monitoring", "mwaa", "recorder"},
    "innovation_development": {"lake", "compute", "catalog", "consumption"},
}
ROOTS = [Root(e, *stack) for e in environments() for stack in stacks()]
MODULES = sorted(path for path in TREE.glob("modules/*") if path.is_dir())
STACK_FOLDERS = [TREE / t / s for t, named in STACKS.items() for s in sorted(named)]
ONCE = [TREE / "bootstrap", TREE / "account"]
VALIDATED = [*MODULES, *ONCE, *STACK_FOLDERS, TREE / PROJECT]
BUCKET = TREE / "modules/bucket/main.tf"
MOCKS = TREE / "modules/environment/mocks/aws/aws.tfmock.hcl"
MWAA = "platform_development/mwaa/main.tf"
CODE = sorted(p for p in TREE.rglob("*.tf") if ".terraform" not in p.parts)
KEYS = Path(__file__).with_name("state_keys.txt").read_text().splitlines()


def test_bronze_has_a_folder_for_each_kind_of_source() -> None:
    """The stack lake finds a declaration's kind where the catalog does; what others are tested with is the same."""
    (pattern,) = re.findall(r'regexall\("(.+?)"', (TREE / "platform_development/lake/main.tf").read_text())
    found = {file.stem: re.findall(pattern, file.read_text()) for file in (include_dir() / "datasets").glob("*.yaml")}
    assert found == {name: [catalog.load(name).source] for name in catalog.asset_classes()}
    folders = sorted(
        {"drop/", "polygon_stream/", *(f"{kind}/" for (kind,) in found.values())}
    )  # a file may be dropped before any is declared; streams are declared beside what is asked for
    assert re.findall(r'"bronze_folders": (.+),', MOCKS.read_text()) == [json.dumps(folders)]
    assert list(lake.FOLDERS) == folders


def test_teams_hold_exactly_their_stacks() -> None:
    """A stack is one folder of its team; there are no others, and none is a link."""
    found = {team: {stack for of, stack in stacks() if of == team} for team in TEAMS}
    assert found == STACKS
    there = {str(path.relative_to(TREE)) for team in TEAMS for path in TREE.glob(f"{team}/*")}
    assert there == {PROJECT, *(f"{team}/{stack}" for team, named in STACKS.items() for stack in named)}
    assert [str(path) for path in TREE.rglob("*") if path.is_symlink() and ".terraform" not in path.parts] == []


@pytest.mark.parametrize("environment", environments())
def test_an_environment_is_two_files_of_data(environment: str) -> None:
    """Values and the place of the states; the folder says the same name as the values."""
    folder = TREE / "environments" / environment
    assert {path.name for path in folder.iterdir()} == {VALUES, STATE}
    assert values(folder / VALUES)["environment"] == environment


def test_states_keep_their_keys() -> None:
    """What Terraform is told at `init`: the keys under which the states of all roots have always been kept."""
    told = [option for root in ROOTS for option in root.command("init") if option.startswith("-backend-config=key=")]
    assert sorted(option.removeprefix("-backend-config=key=") for option in told) == KEYS
    for root in ROOTS:
        assert f"-backend-config={TREE / 'environments' / root.environment / STATE}" in root.command("init")


def test_a_project_has_a_state_and_values_of_its_own() -> None:
    """Its key is none of a stack's; it is given its file beside the environment's, and the name of that file."""
    made = [(e, name) for e in environments() for name in projects(e)]
    assert made
    for environment, name in made:
        root = Root(environment, *f"{PROJECT}/{name}".split("/", 1))
        assert root.key == f"innovation_development/{environment}/project/{name}.tfstate"
        assert root.key not in KEYS
        assert root.folder == TREE / PROJECT
        own = TREE / PROJECT / "projects" / environment / f"{name}.tfvars"
        assert own.exists()
        assert root.command("plan", "-x")[2:] == [
            "plan",
            f"-var-file={root.values}",
            f"-var-file={own}",
            f"-var=project={name}",
            "-x",
        ]
        assert root.data.parent == Root(environment, *PROJECT.split("/")).data


def test_a_project_stands_in_its_environment_as_stacks_do() -> None:
    """The same provider and backend as in each stack, and one tag more."""
    (shared,) = {(folder / "environment.tf").read_text() for folder in STACK_FOLDERS}
    tags = '= merge(module.environment.tags, { budget = "project-${var.project}" }) # by which its bill is told\n'
    assert (TREE / PROJECT / "environment.tf").read_text() == shared.replace("= module.environment.tags\n", tags)


def test_roots_share_no_folder_of_terraforms_own() -> None:
    """Of one folder's environments each has a TF_DATA_DIR of its own, outside the code; so has each stack."""
    places = {root.surroundings["TF_DATA_DIR"] for root in ROOTS}
    assert len(places) == len(ROOTS)
    assert not [place for place in places if Path(place).is_relative_to(TREE)]


def test_a_kept_plan_is_given_no_values(tmp_path: Path) -> None:
    """Values go to what asks for them; a plan has its own, and Terraform would refuse others."""
    root = ROOTS[0]
    given = f"-var-file={root.values}"
    assert given in root.command("plan")
    assert given in root.command("destroy")
    assert given not in root.command("apply", plan=tmp_path / "x.tfplan")
    assert given not in root.command("init")
    assert root.command("plan")[1] == f"-chdir={root.folder}"


@pytest.mark.parametrize(("team", "stack"), [(t, s) for t, named in STACKS.items() for s in sorted(named)])
def test_environments_set_the_same_values(team: str, stack: str) -> None:
    """What one environment leaves to a default, another may set; nothing is set that the stack does not know."""
    (block,) = (b for b in readme.blocks(TREE / team / stack, "variable") if b.labels[0] == "stacks")
    taken = re.findall(r"^        (\w+) *= (.*)", block.text, re.MULTILINE)
    known, required = {n for n, _ in taken}, {n for n, kind in taken if not kind.startswith("optional(")}
    assert known
    for environment in environments():
        given = values(TREE / "environments" / environment / VALUES)["stacks"][team][stack].keys()
        assert required <= given <= known, f"{environment}: missing {required - given}, unknown {given - known}"


@pytest.mark.parametrize("environment", environments())
def test_environments_give_values_to_stacks_that_there_are(environment: str) -> None:
    """A value of a stack that does not exist is a mistake: Terraform would drop it in silence."""
    given = values(TREE / "environments" / environment / VALUES)["stacks"]
    assert {team: set(named) for team, named in given.items()} == STACKS


@pytest.mark.parametrize("environment", environments())
def test_states_are_encrypted_and_locked(environment: str) -> None:
    """Every state lies in the account's bucket under its key, with a lock file."""
    (shared,) = {(folder / "environment.tf").read_text() for folder in STACK_FOLDERS}  # the same in each
    assert 'backend "s3"' in shared
    assert re.search(r"use_lockfile\s*= true", shared)
    assert re.search(r"encrypt\s*= true", shared)
    backend = (TREE / "environments" / environment / STATE).read_text()
    assert f'"anthill-{environment}-terraform-state"' in backend
    assert f'"alias/anthill-{environment}-terraform-state"' in backend


@pytest.mark.parametrize("team", TEAMS)
def test_a_team_reads_nothing_but_its_folder_and_the_modules(team: str) -> None:
    """Sources, mocks and files of a stack lie beside it or under modules/, those of a module under modules/."""
    for folder, allowed in ((TREE / team, (TREE / team, TREE / "modules")), (TREE / "modules", (TREE / "modules",))):
        for file in [*folder.rglob("*.tf"), *folder.rglob("*.hcl")]:
            root = file.parent.parent if file.parent.name == "tests" else file.parent
            for path in re.findall(r'"(\.{1,2}/[^"]*)"', file.read_text()):
                place = (root / path).resolve()
                assert place.exists(), f"{file}: {path}"
                assert any(place.is_relative_to(each) for each in allowed), f"{file} reads {path}"


def test_constraints_have_one_place() -> None:
    """Each versions.tf repeats terraform/versions.tf's lines for the providers that it needs, and no other."""

    def constraints(file: Path) -> dict[str, str]:
        text = file.read_text()
        found = dict(re.findall(r'source\s*= "([^"]+)"\n\s*version\s*= "([^"]+)"', text))
        return {**found, "terraform": re.search(r'required_version\s*= "([^"]+)"', text)[1]}  # type: ignore[index]

    place = constraints(TREE / "versions.tf")
    assert place["hashicorp/aws"] == ">= 6.11.0, < 7.0.0"
    for file in (p for p in CODE if p.name == "versions.tf"):
        own = constraints(file)
        assert own.items() <= place.items(), f"{file.relative_to(TREE)} differs from terraform/versions.tf: {own}"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_modules_are_complete(module: Path) -> None:
    """A module has its four files, tests, an example and a README made from the code as it is."""
    for name in ("main.tf", "variables.tf", "outputs.tf", "versions.tf", "examples/basic/main.tf", "README.md"):
        assert (module / name).exists(), f"{module.name} has no {name}"
    assert list(module.glob("tests/*.tftest.hcl"))
    assert (module / "README.md").read_text() == readme.render(module), "stale: run python -m terraform.readme"


@pytest.mark.parametrize("folder", VALIDATED, ids=lambda path: str(path.relative_to(TREE)))
def test_every_validation_is_seen_to_fail(folder: Path) -> None:
    """Each variable refuses a value in its tests for every validation that it has."""
    tests = "".join(file.read_text() for file in folder.glob("tests/*.tftest.hcl"))
    lists = re.findall(r"expect_failures\s*= \[(.*?)\]", tests, re.DOTALL)
    refused = Counter(re.findall(r"var\.(\w+)", " ".join(lists)))
    rules = {b.labels[0]: n for b in readme.blocks(folder, "variable") if (n := b.text.count("validation {"))}
    assert refused.keys() == rules.keys()
    assert not {name: n for name, n in rules.items() if refused[name] < n}


def published(team: str, stack: str) -> set[str]:
    """The keys of the parameter that a stack publishes."""
    text = (TREE / team / stack / "main.tf").read_text()
    block = re.search(r"^  published = \{\n(.*?)^  \}", text, re.MULTILINE | re.DOTALL)
    assert block is not None, f"{team}/{stack} publishes nothing"
    return set(re.findall(r"^    (\w+)\s*=", block[1], re.MULTILINE))


@pytest.mark.parametrize("folder", [*STACK_FOLDERS, TREE / PROJECT], ids=lambda path: "/".join(path.parts[-2:]))
def test_what_a_stack_reads_another_publishes(folder: Path) -> None:
    """Each key that is read of a parameter is published by the stack of that name, and mocked for the tests."""
    text = "".join(file.read_text() for file in folder.glob("*.tf"))
    mocked = json.loads(re.search(r"<<-JSON\n(.*?)JSON", MOCKS.read_text(), re.DOTALL)[1])  # type: ignore[index]
    for name, team, stack in re.findall(r'parameter" "(\w+)" \{\n  name = ".*?/(\w+)/(\w+)"', text):
        read = set(re.findall(rf"\blocal\.{name}\.(\w+)", text))
        assert read, f"{name} is read for nothing"
        assert read <= published(team, stack) & mocked.keys()


def test_the_rehearsal_publishes_what_databricks_stacks_would() -> None:
    """The parameters that are put by hand in a rehearsal have the keys of the stacks that they stand for."""
    assert {stack: values.keys() for stack, values in DATABRICKS.items()} == {
        stack: published(*stack.split("/")) for stack in DATABRICKS
    }


def test_airflow_is_told_by_options_that_the_plugins_read() -> None:
    """Every option of the section [anthill] that Terraform sets is one that settings.py asks for."""
    told = set(re.findall(r'"anthill\.(\w+)"', (TREE / MWAA).read_text()))
    settings = (TREE.parent / "plugins/anthill/settings.py").read_text()
    assert "bronze_bucket" in told
    assert told <= set(re.findall(r'conf\.get\w*\(_SECTION, "(\w+)"', settings))


def test_variables_and_outputs_are_described() -> None:
    """Every variable has a type and a description, every output a description."""
    for folder in {p.parent for p in CODE if "examples" not in p.parts}:
        for block in readme.blocks(folder, "variable"):
            assert block.attribute("type"), f"{folder}: {block.labels} has no type"
            assert block.attribute("type") != "any", f"{folder}: {block.labels} takes anything"
            assert len(block.attribute("description")) > 10, f"{folder}: {block.labels} is not described"
        for block in readme.blocks(folder, "output"):
            assert len(block.attribute("description")) > 10, f"{folder}: {block.labels} is not described"


@pytest.mark.parametrize("folder", [*MODULES, *ONCE], ids=lambda path: path.name)
def test_every_variable_is_validated(folder: Path) -> None:
    """A variable that can hold a wrong value refuses it by a rule of its own: all but true and false."""
    loose = [b.labels[0] for b in readme.blocks(folder, "variable") if "validation {" not in b.text]
    assert {b.attribute("type") for b in readme.blocks(folder, "variable") if b.labels[0] in loose} <= {"bool"}


def test_no_statement_allows_a_whole_service() -> None:
    """Actions are named: `*` stands for all in statements that deny, and in the boundary, which gives nothing."""
    denied = {("bucket", "TlsOnly", "Deny"), ("cicd", "NoSignIn", "Deny"), ("cicd", "NoMachine", "Deny")}
    named = {*denied, ("cicd", "Within", "Allow")}
    found = set()
    for file in CODE:
        text = file.read_text()
        for line in re.findall(r'.*Action.*"(?:\w+:)?\*".*|.*"\w+:\*".*', text):
            (statement,) = re.findall(r'Sid\s*= "(\w+)"\n\s*Effect\s*= "(\w+)"(?:\n.*){0,2}\n' + re.escape(line), text)
            found.add((file.parent.name, *statement))
    assert found == named


def test_every_role_that_a_team_makes_is_bounded() -> None:
    """Roles take a boundary, and a stack that makes some gives its team's; the others are an administrator's."""
    making = {file.parent.name for file in CODE if 'resource "aws_iam_role"' in file.read_text()} - {"cicd", "trail"}
    for module in making:
        for file in (TREE / "modules" / module).glob("*.tf"):
            for block in readme.blocks(file.parent, "resource"):
                if block.labels[0] == "aws_iam_role":
                    assert block.attribute("permissions_boundary") == "var.permissions_boundary_arn", block.labels
    for folder in STACK_FOLDERS:
        for source, text in re.findall(r'modules/([\w-]+)"\n(.*?)^}', (folder / "main.tf").read_text(), re.M | re.S):
            given = re.findall(r"permissions_boundary_arn\s*= (.*)", text)
            team = folder.parent.name.split("_")[0]
            assert given == ([f"local.security.{team}_boundary_arn"] if source in making else []), folder


def test_files_are_short() -> None:
    """No file of Terraform is longer than 300 lines."""
    long = {str(p.relative_to(TREE)): n for p in CODE if (n := len(p.read_text().splitlines())) > 300}
    assert not long


def test_checkov_skips_say_why() -> None:
    """Each skipped check carries its reason in place."""
    for file in CODE:
        for line in re.findall(r"checkov:skip=.*", file.read_text()):
            assert re.fullmatch(r"checkov:skip=CKV\w+: .{10,}", line), f"{file.relative_to(TREE)}: {line}"

#!/usr/bin/env python3
"""A Terraform that knows one resource: it plans, shows and applies as the real one does, stale plans and all."""

import json
import os
import sys
from pathlib import Path

folder, verb, options = Path(sys.argv[1].removeprefix("-chdir=")), sys.argv[2], sys.argv[3:]
state = Path(os.environ["TF_DATA_DIR"]) / "scripted.tfstate"
state.parent.mkdir(parents=True, exist_ok=True)
if not (folder / "main.tf").exists():
    sys.exit("Error: there is no such stack.")
now = json.loads(state.read_text()) if state.exists() else {"serial": 0, "there": False, "drifted": False}
actions = ["update"] if now["drifted"] else ["no-op"] if now["there"] else ["create"]

if verb == "init" and "-lockfile=readonly" not in options:
    sys.exit("Error: the lock file would be changed.")
if verb == "plan":
    values = [option.removeprefix("-var-file=") for option in options if option.startswith("-var-file=")]
    if any('"*"' in Path(file).read_text() for file in values):
        sys.exit("Error: Invalid value for variable: repository must be owner/name, without wildcards.")
    actions = (["delete"] if now["there"] else ["no-op"]) if "-destroy" in options else actions
    (out,) = (option.removeprefix("-out=") for option in options if option.startswith("-out="))
    Path(out).write_text(json.dumps({"serial": now["serial"], "actions": actions}))
    sys.exit(0 if actions == ["no-op"] else 2)
if verb == "show":
    plan = json.loads(Path(options[-1]).read_text())
    address = 'module.cicd.aws_iam_role.deploy["innovation_development"]'
    print(json.dumps({"resource_changes": [{"address": address, "change": {"actions": plan["actions"]}}]}))
if verb == "apply":
    plan = json.loads(Path(options[-1]).read_text())
    if plan["serial"] != now["serial"]:
        sys.exit("Error: Saved plan is stale")
    there = plan["actions"] != ["delete"]
    state.write_text(json.dumps({"serial": now["serial"] + 1, "there": there, "drifted": False}))

"""One open GitHub issue about one thing: opened when it begins, kept up to date, closed when it is over."""

from __future__ import annotations

import json
import subprocess


def gh(*command: str, given: str | None = None) -> str:
    """Run GitHub's CLI; what it prints."""
    done = subprocess.run(["gh", *command], input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"gh {' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def keep(title: str, label: str, body: str) -> str:
    """Make the open issue of this title say `body`, or close it where `body` is empty; what was done."""
    listed = gh("issue", "list", "--label", label, "--state", "open", "--limit", "200", "--json", "number,title")
    numbers = [str(issue["number"]) for issue in json.loads(listed) if issue["title"] == title]
    if body and numbers:
        gh("issue", "edit", numbers[0], "--body-file", "-", given=body)
        return f"issue {numbers[0]} says what is so today: {title}"
    if body:
        gh("label", "create", label, "--force")
        url = gh("issue", "create", "--title", title, "--label", label, "--body-file", "-", given=body)
        return f"opened {url.strip()}: {title}"
    for number in numbers:
        gh("issue", "close", number, "--comment", "Over: the latest run found nothing.")
    return f"closed {', '.join(numbers)}: {title}" if numbers else f"nothing to report: {title}"

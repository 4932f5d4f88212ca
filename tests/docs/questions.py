"""The page of questions to gold: its text, and its queries by the number of their question and their place there."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs/how-to/query-gold.md").read_text()
QUERIES = {
    f"{title} {number}": query
    for title, section in re.findall(r"^## (\d+)\.(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    for number, query in enumerate(re.findall(r"^```sql\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
}

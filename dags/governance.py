"""Makes who may do what in the catalog what is declared, and asks a person first where the environment says so.

**What it makes.** Grants, tags, policies and shares in Unity Catalog as `include/` has them, and the lineage of silver's tables from the source. Each run reads all that is
declared and held and keeps the plan under its sha256; where `anthill.approval` is set, and something is taken away or
given to somebody new, it waits for a person's answer in Airflow (*Required Actions*). What was approved is what is applied: it
reads again, and stops where the catalog moved on. The record says who approved which plan when (`docs/governance.md`).

**When.** Every day, and on demand: after a change of `include/grants/`, trigger it.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `plan` | a declaration is wrong, or names somebody or something that does not exist | correct the file and line that it names; nothing was changed |
| `drift` | somebody gave or took rights by hand: what, and by the audit table who and when | declare it, or let it be undone: by this run where nobody is asked, else by approving it |
| `approve` | it waits for an answer; unanswered, it is a no | read the plan, approve or reject it |
| `apply` | the catalog moved on since the plan, or refused a change | run it again, and look at the new plan |
| `lineage` | Unity Catalog refused to be told where silver's data come from; skipped where nobody has granted `CREATE EXTERNAL METADATA` | grant what it names, and run it again |
| `report` | `plan`, `approve` or `apply` failed, and its message says which | as above |
"""

from anthill.approval.dag import governance_dag

dag = governance_dag(doc_md=__doc__)

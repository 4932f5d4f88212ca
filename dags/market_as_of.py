"""Silver and gold as they were known at a moment, so that research can be repeated as it was.

**What it makes.** Of the asset classes chosen, the schemas `asof_<moment>_silver`, `_quality` and `_gold` (as `asof_20240528t120000z_gold`), from the commits that
bronze held then: those whose answers are not later by the API's clock. Gold has what passed its checks, by today's SQL and declarations. Who may read a table may read it
there. Coverage, alerts and the current tables know nothing of it.

**When.** When somebody starts it with the form in Airflow, or by `anthill as-of`. Repeated for the same moment it changes nothing; killed and started again it goes on where it was.
*Action* lists what is there, or drops what was rebuilt as of the moment.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `plan` | the moment is in the future or before the first landing, or an object in bronze is not as landed | the message says what is allowed, or names the object |
| `rebuild` | a notebook failed, or days could not be loaded; all others are in gold | the message names them; mend it and clear the task |
| `grants` | Unity Catalog is not as declared | see the same task of the asset class's DAG |
"""

from anthill.as_of.dag import as_of_dag

dag = as_of_dag(doc_md=__doc__)

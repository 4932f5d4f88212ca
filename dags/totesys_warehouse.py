"""ToteSys' star in a warehouse: a run brings what gold has into the PostgreSQL of those who work there, under plain names.

**What it makes.** A version of the star's seven tables as Parquet in gold's zone (`warehouse/totesys/`), and the same rows in
the tables `dim_date`, `dim_staff`, `dim_location`, `dim_design`, `dim_currency`, `dim_counterparty` and `fact_sales_order` of
the warehouse, all of them in one transaction.

**When.** Each time gold of ToteSys has been written (Airflow's assets say so), one run after the other; off until somebody turns it on.

**What a failure means, and what to do.** The warehouse keeps the version that it has.

| task | it means | do |
| --- | --- | --- |
| `keep` | gold could not be read, or its zone not written | the message names the connection (`databricks_reader`, `aws_consumption`) or the table; clear the task |
| `load` | the warehouse took nothing | down or busy: it is tried again. A column or table that it lacks, or a rule that a row breaks: the message names it; mend it there and clear the task |

Every task may be cleared and run again at any time: the same version changes nothing, and an older one is never put over a newer.
"""

from anthill.dag_builder.warehouse import warehouse_dag

dag = warehouse_dag("totesys", doc_md=__doc__)

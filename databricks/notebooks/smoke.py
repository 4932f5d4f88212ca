# Databricks notebook source
# Smoke: after a deployment, the wheel is whole and the catalog has what the jobs need.
import json

from anthill.lakehouse import smoke
from anthill.parameters import checked

# COMMAND ----------

names = ("catalog", "digest")
for name in names:
    dbutils.widgets.text(name, "")
parameters = checked({name: dbutils.widgets.get(name) for name in names})

# COMMAND ----------

result = smoke.run(spark, **parameters)

# COMMAND ----------

dbutils.notebook.exit(json.dumps(result))

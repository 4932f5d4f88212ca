# Databricks notebook source
# Metrics: the metric views over gold are made again.
import json

from anthill.lakehouse import metrics
from anthill.parameters import checked

# COMMAND ----------

names = ("catalog",)
for name in names:
    dbutils.widgets.text(name, "")
parameters = checked({name: dbutils.widgets.get(name) for name in names})

# COMMAND ----------

result = metrics.run(spark, **parameters)

# COMMAND ----------

dbutils.notebook.exit(json.dumps(result))

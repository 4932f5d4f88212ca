# Databricks notebook source
# Erasure: rows of silver, gold and quality that came of what bronze has no more, and the files behind them.
import json

from anthill.lakehouse import erasure
from anthill.parameters import checked

# COMMAND ----------

names = ("catalog", "asset_class", "plan")
for name in names:
    dbutils.widgets.text(name, "")
parameters = checked({name: dbutils.widgets.get(name) for name in names})

# COMMAND ----------

result = erasure.run(spark, **parameters)

# COMMAND ----------

dbutils.notebook.exit(json.dumps(result))

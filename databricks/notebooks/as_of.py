# Databricks notebook source
# As of: silver, quality and gold from what bronze held at a moment, in schemas of their own.
import json

from anthill.lakehouse import as_of
from anthill.parameters import checked

# COMMAND ----------

names = ("catalog", "asset_class", "market_date_from", "market_date_to", "manifest", "as_of")
for name in names:
    dbutils.widgets.text(name, "")
parameters = checked({name: dbutils.widgets.get(name) for name in names})

# COMMAND ----------

result = as_of.run(spark, **parameters)

# COMMAND ----------

dbutils.notebook.exit(json.dumps(result))

# Databricks notebook source
# Silver: bronze commits of some market days become typed, deduplicated Delta rows.
import json

from anthill.lakehouse import sandbox, silver
from anthill.parameters import checked

# COMMAND ----------

names = ("catalog", "asset_class", "market_date_from", "market_date_to", "manifest", "sandbox")
for name in names:
    dbutils.widgets.text(name, "")
parameters = checked({name: dbutils.widgets.get(name) for name in names})
spark = sandbox.session(spark, parameters["catalog"], parameters.pop("sandbox"))

# COMMAND ----------

result = silver.run(spark, **parameters)

# COMMAND ----------

dbutils.notebook.exit(json.dumps(result))

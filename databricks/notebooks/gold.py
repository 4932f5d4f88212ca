# Databricks notebook source
# Gold: some market days of the analysts' tables are computed from silver.
import json

from anthill.lakehouse import gold, sandbox
from anthill.parameters import checked

# COMMAND ----------

names = ("catalog", "asset_class", "market_date_from", "market_date_to", "sandbox")
for name in names:
    dbutils.widgets.text(name, "")
parameters = checked({name: dbutils.widgets.get(name) for name in names})
spark = sandbox.session(spark, parameters["catalog"], parameters.pop("sandbox"))

# COMMAND ----------

result = gold.run(spark, **parameters)

# COMMAND ----------

dbutils.notebook.exit(json.dumps(result))

# Databricks notebook source
# Quality: what silver holds of some market days is checked; a broken critical expectation fails the run.
import json

from anthill.lakehouse import quality, sandbox
from anthill.parameters import checked

# COMMAND ----------

names = ("catalog", "asset_class", "market_date_from", "market_date_to", "datasets", "sandbox")
for name in names:
    dbutils.widgets.text(name, "")
parameters = checked({name: dbutils.widgets.get(name) for name in names})
spark = sandbox.session(spark, parameters["catalog"], parameters.pop("sandbox"))

# COMMAND ----------

result = quality.run(spark, **parameters)

# COMMAND ----------

dbutils.notebook.exit(json.dumps(result))

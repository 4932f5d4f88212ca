# Databricks notebook source
# Reconciliation: what silver holds of some market days is compared with the other account that the source gives of it.
import json

from anthill.lakehouse import reconcile, sandbox
from anthill.parameters import checked

# COMMAND ----------

names = ("catalog", "asset_class", "market_date_from", "market_date_to", "sandbox")
for name in names:
    dbutils.widgets.text(name, "")
parameters = checked({name: dbutils.widgets.get(name) for name in names})
spark = sandbox.session(spark, parameters["catalog"], parameters.pop("sandbox"))

# COMMAND ----------

result = reconcile.run(spark, **parameters)

# COMMAND ----------

dbutils.notebook.exit(json.dumps(result))

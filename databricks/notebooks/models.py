# Databricks notebook source
# Models: the volatility model is trained or moved, and the next market day forecast.
import json

from anthill.models import job as models
from anthill.parameters import checked

# COMMAND ----------

names = ("catalog", "action", "market_date_from", "market_date_to", "version", "model", "experiment")
for name in names:
    dbutils.widgets.text(name, "")
parameters = checked({name: dbutils.widgets.get(name) for name in names})

# COMMAND ----------

result = models.run(spark, **parameters)

# COMMAND ----------

dbutils.notebook.exit(json.dumps(result))

"""Forecasts of volatility: every day a variance of the next one for each security, every Sunday a training of what makes them.

**What it makes.** `gold.volatility_forecasts`: variance, interval and model version, or the reason why there is none; versions of the model `<catalog>.gold.volatility` in Unity Catalog, with the evaluation of each
in the experiment `anthill-volatility`, both made by the bundle ([volatility.md](../docs/volatility.md)). With the forecasts `gold.anomaly_opinions`: what a forest says of each anomaly of 66 market days ([concepts.md](../docs/concepts.md)). No market waits for it.

**When.** Airflow starts it at 10:30 UTC, when the deadlines of all prices are over. A run makes up for a week of days without a forecast. By hand: train now, forecast days again, roll back to a version, or copy one from staging.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `score` | the job `anthill-models` failed; a model that is missing is no failure, and the rows say why | the message has the notebook's words; the next run makes up for it |
| `change` | a training or change of the model failed: the champion is as it was | the message says what MLflow did not give; clear the task |
| `change` skipped | it is no Sunday, and nobody asked | nothing |
"""

from anthill.forecasts.dag import models_dag

dag = models_dag(doc_md=__doc__)

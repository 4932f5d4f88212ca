"""The model as MLflow serves it: a frame of features in, variances out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from mlflow.pyfunc import PythonModel

from anthill.models.panel import Panel

if TYPE_CHECKING:
    import pandas as pd

    from anthill.models.forecaster import Forecaster


class Served(PythonModel):  # type: ignore[misc] # MLflow has no types here
    """A forecaster behind MLflow's interface."""

    def __init__(self, forecaster: Forecaster) -> None:
        self.forecaster = forecaster

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """A row a row: variance of the next day and its interval; NaN where a feature lacks."""
        import pandas as pd

        told = pd.DataFrame(np.nan, index=model_input.index, columns=["variance", "variance_low", "variance_high"])
        for asset_class, rows in model_input.groupby("asset_class"):
            columns = {name: rows[name].to_numpy(float) for name in rows.columns if name != "asset_class"}
            nothing = np.full(len(rows), np.nan)
            days = np.zeros(len(rows), "datetime64[D]")
            panel = Panel(np.full(len(rows), "", object), days, columns, nothing, nothing)
            if asset_class in self.forecaster.estimators and panel.whole.any():
                found = np.column_stack(self.forecaster.forecast(str(asset_class), panel.where(panel.whole)))
                told.loc[rows.index[panel.whole], :] = found
        return told

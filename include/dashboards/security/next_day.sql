-- Title: Forecast of the next market day
-- Kind: table
-- Place: column 1, row 21, 6 wide, 3 high
-- Chosen: ticker
-- Column: forecast_date, Market day
-- Column: forecast, Volatility of the day, %
-- Column: low, Lower end, %
-- Column: high, Upper end of 8 in 10 days, %
-- Column: forecast_annualised, Volatility a year, %
-- Column: model_version, Version of the model
-- Column: reason, Why there is none
-- Days: 121
-- Empty: No run of the models has forecast it.
SELECT said.ticker, said.forecast_date, said.volatility AS forecast, sqrt(said.variance_low) AS low, sqrt(said.variance_high) AS high,
  said.volatility_annualised AS forecast_annualised, said.model_version, said.reason
FROM gold.volatility_forecasts AS said
INNER JOIN (
  SELECT asset_class, max(market_date) AS market_date
  FROM gold.volatility_forecasts
  GROUP BY asset_class
) AS newest ON newest.asset_class = said.asset_class AND newest.market_date = said.market_date

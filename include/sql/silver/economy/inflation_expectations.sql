-- Expected inflation: what bond prices imply, and what a model says, as the source has them on the market day.
CREATE TABLE IF NOT EXISTS {silver}.economy_inflation_expectations (
  observed_on DATE NOT NULL COMMENT 'Day of the expectation; of a month its first day',
  market_date DATE NOT NULL COMMENT 'Market day on which the source said so, a New York session date',
  market_5_year DOUBLE COMMENT 'Inflation of the next 5 years that bond prices imply, percent a year',
  market_10_year DOUBLE COMMENT 'Inflation of the next 10 years that bond prices imply, percent a year',
  forward_5_to_10_year DOUBLE COMMENT 'Inflation of the years 5 to 10 from then on that bond prices imply, percent a year',
  model_1_year DOUBLE COMMENT 'Inflation of the next year by the model of the Federal Reserve Bank of Cleveland, percent a year',
  model_5_year DOUBLE COMMENT 'Inflation of the next 5 years by that model, percent a year',
  model_10_year DOUBLE COMMENT 'Inflation of the next 10 years by that model, percent a year',
  model_30_year DOUBLE COMMENT 'Inflation of the next 30 years by that model, percent a year',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US economy: expected inflation, one row a day of the expectation and market day';

SELECT
  TRY_CAST(observed_on AS DATE) AS observed_on,
  market_date,
  TRY_CAST(market_5_year AS DOUBLE) AS market_5_year,
  TRY_CAST(market_10_year AS DOUBLE) AS market_10_year,
  TRY_CAST(forward_5_to_10_year AS DOUBLE) AS forward_5_to_10_year,
  TRY_CAST(model_1_year AS DOUBLE) AS model_1_year,
  TRY_CAST(model_5_year AS DOUBLE) AS model_5_year,
  TRY_CAST(model_10_year AS DOUBLE) AS model_10_year,
  TRY_CAST(model_30_year AS DOUBLE) AS model_30_year,
{include silver/from_bronze.sql};

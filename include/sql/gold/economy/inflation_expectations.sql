-- Expected inflation, as it was known on the market day.
-- Key: observed_on, market_date
-- NULL: what is not given for the day, as a model that is run by the month
CREATE TABLE IF NOT EXISTS {gold}.economy_inflation_expectations (
  observed_on DATE NOT NULL COMMENT 'Day of the expectation; of a month its first day',
  market_date DATE NOT NULL COMMENT 'Market day on which it was known so, a New York session date',
  market_5_year DOUBLE COMMENT 'Inflation of the next 5 years that bond prices imply, fraction a year',
  market_10_year DOUBLE COMMENT 'Inflation of the next 10 years that bond prices imply, fraction a year',
  forward_5_to_10_year DOUBLE COMMENT 'Inflation of the years 5 to 10 from then on that bond prices imply, fraction a year',
  model_1_year DOUBLE COMMENT 'Inflation of the next year by the model of the Federal Reserve Bank of Cleveland, fraction a year',
  model_5_year DOUBLE COMMENT 'Inflation of the next 5 years by that model, fraction a year',
  model_10_year DOUBLE COMMENT 'Inflation of the next 10 years by that model, fraction a year',
  model_30_year DOUBLE COMMENT 'Inflation of the next 30 years by that model, fraction a year'
) USING delta
COMMENT 'US economy: expected inflation by horizon, one row a day of the expectation and market day';

SELECT
  observed_on,
  market_date,
  market_5_year / 100 AS market_5_year,
  market_10_year / 100 AS market_10_year,
  forward_5_to_10_year / 100 AS forward_5_to_10_year,
  model_1_year / 100 AS model_1_year,
  model_5_year / 100 AS model_5_year,
  model_10_year / 100 AS model_10_year,
  model_30_year / 100 AS model_30_year
FROM {silver}.economy_inflation_expectations
WHERE {days};

-- Market yields of treasuries at constant maturity. The market day is the one by which they are public, the day after.
CREATE TABLE IF NOT EXISTS {silver}.economy_treasury_yields (
  observed_on DATE NOT NULL COMMENT 'Day of the yields',
  market_date DATE NOT NULL COMMENT 'Market day asked for: by it they are public, a New York session date',
  yield_1_month DOUBLE COMMENT 'Yield of treasuries with 1 month to maturity, percent a year',
  yield_3_month DOUBLE COMMENT 'Yield of treasuries with 3 months to maturity, percent a year',
  yield_6_month DOUBLE COMMENT 'Yield of treasuries with 6 months to maturity, percent a year',
  yield_1_year DOUBLE COMMENT 'Yield of treasuries with 1 year to maturity, percent a year',
  yield_2_year DOUBLE COMMENT 'Yield of treasuries with 2 years to maturity, percent a year',
  yield_3_year DOUBLE COMMENT 'Yield of treasuries with 3 years to maturity, percent a year',
  yield_5_year DOUBLE COMMENT 'Yield of treasuries with 5 years to maturity, percent a year',
  yield_7_year DOUBLE COMMENT 'Yield of treasuries with 7 years to maturity, percent a year',
  yield_10_year DOUBLE COMMENT 'Yield of treasuries with 10 years to maturity, percent a year',
  yield_20_year DOUBLE COMMENT 'Yield of treasuries with 20 years to maturity, percent a year',
  yield_30_year DOUBLE COMMENT 'Yield of treasuries with 30 years to maturity, percent a year',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US economy: treasury yields, one row a day of yields';

SELECT
  TRY_CAST(observed_on AS DATE) AS observed_on,
  market_date,
  TRY_CAST(yield_1_month AS DOUBLE) AS yield_1_month,
  TRY_CAST(yield_3_month AS DOUBLE) AS yield_3_month,
  TRY_CAST(yield_6_month AS DOUBLE) AS yield_6_month,
  TRY_CAST(yield_1_year AS DOUBLE) AS yield_1_year,
  TRY_CAST(yield_2_year AS DOUBLE) AS yield_2_year,
  TRY_CAST(yield_3_year AS DOUBLE) AS yield_3_year,
  TRY_CAST(yield_5_year AS DOUBLE) AS yield_5_year,
  TRY_CAST(yield_7_year AS DOUBLE) AS yield_7_year,
  TRY_CAST(yield_10_year AS DOUBLE) AS yield_10_year,
  TRY_CAST(yield_20_year AS DOUBLE) AS yield_20_year,
  TRY_CAST(yield_30_year AS DOUBLE) AS yield_30_year,
{include silver/from_bronze.sql};

-- Yields of treasuries from the market day on by which they are public, and how steep the curve is: joined with prices of
-- their market day, nothing is known too early.
-- Key: observed_on
-- NULL: maturities that the source did not give
CREATE TABLE IF NOT EXISTS {gold}.economy_treasury_yields (
  observed_on DATE NOT NULL COMMENT 'Day of the yields',
  market_date DATE NOT NULL COMMENT 'Market day by which they are public, a New York session date',
  yield_1_month DOUBLE COMMENT 'Yield of treasuries with 1 month to maturity, fraction a year',
  yield_3_month DOUBLE COMMENT 'Yield of treasuries with 3 months to maturity, fraction a year',
  yield_6_month DOUBLE COMMENT 'Yield of treasuries with 6 months to maturity, fraction a year',
  yield_1_year DOUBLE COMMENT 'Yield of treasuries with 1 year to maturity, fraction a year',
  yield_2_year DOUBLE COMMENT 'Yield of treasuries with 2 years to maturity, fraction a year',
  yield_3_year DOUBLE COMMENT 'Yield of treasuries with 3 years to maturity, fraction a year',
  yield_5_year DOUBLE COMMENT 'Yield of treasuries with 5 years to maturity, fraction a year',
  yield_7_year DOUBLE COMMENT 'Yield of treasuries with 7 years to maturity, fraction a year',
  yield_10_year DOUBLE COMMENT 'Yield of treasuries with 10 years to maturity, fraction a year',
  yield_20_year DOUBLE COMMENT 'Yield of treasuries with 20 years to maturity, fraction a year',
  yield_30_year DOUBLE COMMENT 'Yield of treasuries with 30 years to maturity, fraction a year',
  slope_2_to_10_year DOUBLE COMMENT 'yield_10_year - yield_2_year, fraction a year; below 0 the curve is inverted',
  slope_3_month_to_10_year DOUBLE COMMENT 'yield_10_year - yield_3_month, fraction a year; below 0 the curve is inverted'
) USING delta
COMMENT 'US economy: treasury yields by maturity and the slope of the curve, one row a day of yields';

SELECT
  observed_on,
  market_date,
  yield_1_month / 100 AS yield_1_month,
  yield_3_month / 100 AS yield_3_month,
  yield_6_month / 100 AS yield_6_month,
  yield_1_year / 100 AS yield_1_year,
  yield_2_year / 100 AS yield_2_year,
  yield_3_year / 100 AS yield_3_year,
  yield_5_year / 100 AS yield_5_year,
  yield_7_year / 100 AS yield_7_year,
  yield_10_year / 100 AS yield_10_year,
  yield_20_year / 100 AS yield_20_year,
  yield_30_year / 100 AS yield_30_year,
  (yield_10_year - yield_2_year) / 100 AS slope_2_to_10_year,
  (yield_10_year - yield_3_month) / 100 AS slope_3_month_to_10_year
FROM {silver}.economy_treasury_yields
WHERE {days};

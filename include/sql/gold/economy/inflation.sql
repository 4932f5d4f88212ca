-- Inflation by month, as it was known on the market day.
-- Key: observed_month, market_date
-- NULL: what is not published yet
CREATE TABLE IF NOT EXISTS {gold}.economy_inflation (
  observed_month DATE NOT NULL COMMENT 'Month that it is about, by its first day',
  market_date DATE NOT NULL COMMENT 'Market day on which it was known so, a New York session date',
  cpi DOUBLE COMMENT 'Consumer price index, points: 1982 to 1984 are 100',
  cpi_core DOUBLE COMMENT 'Consumer price index without food and energy, points: 1982 to 1984 are 100',
  cpi_year_over_year DOUBLE COMMENT 'Change of cpi against the month a year before, fraction (0.01 is 1 %)',
  pce DOUBLE COMMENT 'Price index of personal consumption expenditures, points',
  pce_core DOUBLE COMMENT 'Price index of personal consumption expenditures without food and energy, points',
  pce_core_year_over_year DOUBLE COMMENT 'Change of pce_core against the month a year before, fraction (0.01 is 1 %)',
  pce_spending DOUBLE COMMENT 'Personal consumption expenditures at prices of the month, of a year at its rate, USD'
) USING delta
COMMENT 'US economy: consumer prices, their changes and spending, one row a month and market day';

WITH known AS (
  SELECT * FROM {silver}.economy_inflation WHERE {days}
)
SELECT
  known.observed_month,
  known.market_date,
  known.cpi,
  known.cpi_core,
  known.cpi_year_over_year / 100 AS cpi_year_over_year,
  known.pce,
  known.pce_core,
  known.pce_core / before.pce_core - 1 AS pce_core_year_over_year,
  known.pce_spending * 1e9 AS pce_spending
FROM known
LEFT JOIN known before
  ON before.market_date = known.market_date AND before.observed_month = add_months(known.observed_month, -12);

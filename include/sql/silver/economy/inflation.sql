-- Prices and spending of consumers by month, as the source has them on the market day: months are revised.
CREATE TABLE IF NOT EXISTS {silver}.economy_inflation (
  observed_month DATE NOT NULL COMMENT 'Month that it is about, by its first day',
  market_date DATE NOT NULL COMMENT 'Market day on which the source said so, a New York session date',
  cpi DOUBLE COMMENT 'Consumer price index, points: 1982 to 1984 are 100',
  cpi_core DOUBLE COMMENT 'Consumer price index without food and energy, points: 1982 to 1984 are 100',
  cpi_year_over_year DOUBLE COMMENT 'Change of cpi against the month a year before, percent',
  pce DOUBLE COMMENT 'Price index of personal consumption expenditures, points',
  pce_core DOUBLE COMMENT 'Price index of personal consumption expenditures without food and energy, points',
  pce_spending DOUBLE COMMENT 'Personal consumption expenditures at prices of the month, billions as the source gives them, of USD a year',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US economy: consumer prices and spending, one row a month and market day';

SELECT
  TRY_CAST(observed_month AS DATE) AS observed_month,
  market_date,
  TRY_CAST(cpi AS DOUBLE) AS cpi,
  TRY_CAST(cpi_core AS DOUBLE) AS cpi_core,
  TRY_CAST(cpi_year_over_year AS DOUBLE) AS cpi_year_over_year,
  TRY_CAST(pce AS DOUBLE) AS pce,
  TRY_CAST(pce_core AS DOUBLE) AS pce_core,
  TRY_CAST(pce_spending AS DOUBLE) AS pce_spending,
{include silver/from_bronze.sql};

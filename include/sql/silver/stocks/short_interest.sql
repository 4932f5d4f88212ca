-- Open short positions, reported twice a month. The market day is the one by which a settlement date is public, 10 market
-- days after it: joined with prices of its market day, nothing is known too early.
CREATE TABLE IF NOT EXISTS {silver}.stocks_short_interest (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day asked for: by it the settlement date is public, a New York session date',
  settlement_date DATE NOT NULL COMMENT 'Day on which the positions were counted',
  short_interest BIGINT NOT NULL COMMENT 'Shares sold short and not yet bought back, as counted on settlement_date',
  avg_daily_volume BIGINT COMMENT 'Shares traded on an average day of the period, number',
  days_to_cover DOUBLE COMMENT 'short_interest / avg_daily_volume as the source gives it, days, not below 1',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: shares sold short and not bought back, one row a ticker and settlement date';

SELECT
  ticker,
  market_date,
  TRY_CAST(settlement_date AS DATE) AS settlement_date,
  coalesce(TRY_CAST(short_interest AS BIGINT), CASE WHEN TRY_CAST(short_interest AS DOUBLE) = floor(TRY_CAST(short_interest AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(short_interest AS DOUBLE) AS BIGINT) END) AS short_interest,
  coalesce(TRY_CAST(avg_daily_volume AS BIGINT), CASE WHEN TRY_CAST(avg_daily_volume AS DOUBLE) = floor(TRY_CAST(avg_daily_volume AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(avg_daily_volume AS DOUBLE) AS BIGINT) END) AS avg_daily_volume,
  TRY_CAST(days_to_cover AS DOUBLE) AS days_to_cover,
{include silver/from_bronze.sql};

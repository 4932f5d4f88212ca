-- Trades reported to FINRA only, the off-exchange part of the market: total_volume is not the volume of the day.
CREATE TABLE IF NOT EXISTS {silver}.stocks_short_volume (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  trade_date DATE NOT NULL COMMENT 'Day of the trades',
  short_volume DOUBLE NOT NULL COMMENT 'Shares sold short, exempt sales included',
  total_volume DOUBLE NOT NULL COMMENT 'Shares traded in trades reported to FINRA',
  short_volume_percent DOUBLE COMMENT 'short_volume / total_volume as the source gives it, percent',
  exempt_volume DOUBLE COMMENT 'Shares sold short that are exempt from the short sale rule',
  non_exempt_volume DOUBLE COMMENT 'Shares sold short that are not exempt from the short sale rule',
  adf_short_volume DOUBLE COMMENT 'Shares sold short, reported to the FINRA alternative display facility',
  adf_exempt_volume DOUBLE COMMENT 'Exempt part of adf_short_volume, shares',
  nasdaq_carteret_short_volume DOUBLE COMMENT 'Shares sold short, reported to the Nasdaq facility in Carteret',
  nasdaq_carteret_exempt_volume DOUBLE COMMENT 'Exempt part of nasdaq_carteret_short_volume, shares',
  nasdaq_chicago_short_volume DOUBLE COMMENT 'Shares sold short, reported to the Nasdaq facility in Chicago',
  nasdaq_chicago_exempt_volume DOUBLE COMMENT 'Exempt part of nasdaq_chicago_short_volume, shares',
  nyse_short_volume DOUBLE COMMENT 'Shares sold short, reported to the NYSE facility',
  nyse_exempt_volume DOUBLE COMMENT 'Exempt part of nyse_short_volume, shares',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: shares sold short on each market day in trades reported to FINRA, one row a ticker and market day';

SELECT
  ticker,
  market_date,
  TRY_CAST(trade_date AS DATE) AS trade_date,
  TRY_CAST(short_volume AS DOUBLE) AS short_volume,
  TRY_CAST(total_volume AS DOUBLE) AS total_volume,
  TRY_CAST(short_volume_percent AS DOUBLE) AS short_volume_percent,
  TRY_CAST(exempt_volume AS DOUBLE) AS exempt_volume,
  TRY_CAST(non_exempt_volume AS DOUBLE) AS non_exempt_volume,
  TRY_CAST(adf_short_volume AS DOUBLE) AS adf_short_volume,
  TRY_CAST(adf_exempt_volume AS DOUBLE) AS adf_exempt_volume,
  TRY_CAST(nasdaq_carteret_short_volume AS DOUBLE) AS nasdaq_carteret_short_volume,
  TRY_CAST(nasdaq_carteret_exempt_volume AS DOUBLE) AS nasdaq_carteret_exempt_volume,
  TRY_CAST(nasdaq_chicago_short_volume AS DOUBLE) AS nasdaq_chicago_short_volume,
  TRY_CAST(nasdaq_chicago_exempt_volume AS DOUBLE) AS nasdaq_chicago_exempt_volume,
  TRY_CAST(nyse_short_volume AS DOUBLE) AS nyse_short_volume,
  TRY_CAST(nyse_exempt_volume AS DOUBLE) AS nyse_exempt_volume,
{include silver/from_bronze.sql};

-- Reference data of pairs, typed.
SELECT
  ticker,
  market_date,
  TRY_CAST(active AS BOOLEAN) AS active,
  name,
  base_currency,
  base_currency_name,
  quote_currency,
  quote_currency_name,
  TRY_CAST(delisted_at AS TIMESTAMP) AS delisted_at,
  TRY_CAST(updated_at AS TIMESTAMP) AS updated_at,
{include silver/from_bronze.sql}

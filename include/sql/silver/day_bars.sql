-- The bars of a day, typed, but for what is counted in them.
SELECT
  ticker,
  market_date,
{include silver/bar_values.sql}

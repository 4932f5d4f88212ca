-- Splits that the source doubts itself, or that the price contradicts: a wrong one would bend every adjusted price before it.
WITH counted_days AS (
  SELECT market_date, day_before FROM loaded
),
{include gold/announced_ratios.sql},
{include gold/chosen_ratios.sql}
SELECT market_date, 'source_and_price_agree' AS expectation,
  concat(ticker, ' ', market_date, ': ', said, ', ',
    CASE WHEN ratio = 1 THEN 'not applied' ELSE concat('applied ', regexp_replace(CAST(round(ratio, 6) AS STRING), '[.]0$', '')) END) AS finding
FROM chosen
WHERE doubted;

-- From silver's splits, `corrected_splits` (ticker, market_date, ratio, who) and `counted_days` (market_date, day_before) to
-- `offered`: each ratio that the source gave a ticker for a day, once, with the number of its ids; withdrawn where its newest
-- answer has none of it; and what an operator has declared. `asof` is when the source answered so. Sail cannot join columns
-- whose comments differ: they are computed, and have none.
offered AS (
  SELECT given.ticker, given.market_date, given.ratio, min(given.said) AS said,
    bool_and(coalesce(given.withdrawn, false)) AS withdrawn, count_if(NOT coalesce(given.withdrawn, false)) AS ids, given.declared,
    max(given.asof) AS asof
  FROM (
    SELECT substr(ticker, 1) AS ticker, date_add(market_date, 0) AS market_date, date_add(execution_date, 0) AS execution_date,
      split_to / nullif(split_from, 0) AS ratio,
      concat(regexp_replace(CAST(split_to AS STRING), '[.]0$', ''), ' for ', regexp_replace(CAST(split_from AS STRING), '[.]0$', '')) AS said,
      withdrawn, false AS declared, asof
    FROM {silver}.stocks_splits
    WHERE split_from > 0 AND split_to > 0
    UNION ALL
    SELECT ticker, market_date, market_date AS execution_date, ratio,
      concat(regexp_replace(CAST(ratio AS STRING), '[.]0$', ''), ' declared by ', who) AS said,
      false AS withdrawn, true AS declared, CAST(NULL AS TIMESTAMP) AS asof
    FROM corrected_splits
  ) given
  JOIN counted_days ON counted_days.market_date = given.market_date
    AND given.execution_date > counted_days.day_before AND given.execution_date <= given.market_date
  GROUP BY given.ticker, given.market_date, given.ratio, given.declared
)

-- From silver's splits, `corrected_splits` (ticker, market_date, ratio, who) and `counted_days` (market_date, day_before) to
-- `offered`: each ratio that the source gave a ticker for a day, once, with the number of its ids; withdrawn where its newest
-- answer has none of it; and what an operator has declared. Sail cannot join columns whose comments differ: they are
-- computed, and have none.
offered AS (
  SELECT substr(corrected.ticker, 1) AS ticker, date_add(corrected.market_date, 0) AS market_date, corrected.ratio,
    concat(regexp_replace(CAST(corrected.ratio AS STRING), '[.]0$', ''), ' declared by ', corrected.who) AS said,
    false AS withdrawn, CAST(1 AS BIGINT) AS ids, true AS declared
  FROM corrected_splits corrected
  JOIN counted_days ON counted_days.market_date = corrected.market_date
  UNION ALL
  SELECT substr(splits.ticker, 1) AS ticker, date_add(splits.market_date, 0) AS market_date, splits.split_to / splits.split_from AS ratio,
    min(concat(regexp_replace(CAST(split_to AS STRING), '[.]0$', ''), ' for ',
      regexp_replace(CAST(split_from AS STRING), '[.]0$', ''))) AS said,
    bool_and(coalesce(splits.withdrawn, false)) AS withdrawn,
    count_if(NOT coalesce(splits.withdrawn, false)) AS ids, false AS declared
  FROM {silver}.stocks_splits splits
  JOIN counted_days ON counted_days.market_date = splits.market_date
  WHERE splits.split_from > 0 AND splits.split_to > 0
    AND splits.execution_date > counted_days.day_before AND splits.execution_date <= splits.market_date
  GROUP BY substr(splits.ticker, 1), date_add(splits.market_date, 0), splits.split_to / splits.split_from
)

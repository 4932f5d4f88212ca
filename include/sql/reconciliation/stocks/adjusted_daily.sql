-- The factor by which the source itself has divided the prices of the market day before, against the ratios that count here.
-- `loaded`: the days whose splits are loaded, with day_before. What was answered later is adjusted for splits executed by
-- then: it is compared once the splits of all market days until then are loaded.
WITH counted_days AS (
  SELECT market_date, day_before FROM loaded
),
{include gold/announced_ratios.sql},
{include gold/chosen_ratios.sql},
-- Days between which no market day is missing have one number.
known AS (
  SELECT market_date, day_before,
    sum(CASE WHEN before = day_before THEN 0 ELSE 1 END) OVER (ORDER BY market_date) AS stretch
  FROM (SELECT market_date, day_before, LAG(market_date) OVER (ORDER BY market_date) AS before FROM counted_days)
),
stretches AS (
  SELECT stretch, max(market_date) AS last FROM known GROUP BY stretch
),
answers AS (
  SELECT market_date, CAST(from_utc_timestamp(max(asof), 'America/New_York') AS DATE) AS answered
  FROM {silver}.stocks_adjusted_daily
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
),
asked AS (
  SELECT known.market_date, known.day_before, answers.answered, answers.answered <= stretches.last AS whole
  FROM answers
  JOIN known ON known.market_date = answers.market_date
  JOIN stretches ON stretches.stretch = known.stretch
),
-- What counts on the market day after a day off was executed before it.
executed AS (
  SELECT substr(ticker, 1) AS ticker, date_add(market_date, 0) AS market_date, max(execution_date) AS execution_date
  FROM {silver}.stocks_splits
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY substr(ticker, 1), date_add(market_date, 0)
),
factors AS (
  SELECT asked.market_date, chosen.ticker,
    aggregate(array_sort(collect_list(chosen.ratio)), CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS factor
  FROM chosen
  JOIN asked ON chosen.market_date >= asked.market_date
  LEFT JOIN executed ON executed.ticker = chosen.ticker AND executed.market_date = chosen.market_date
  WHERE coalesce(executed.execution_date, chosen.market_date) <= asked.answered
  GROUP BY asked.market_date, chosen.ticker
),
-- What an operator has settled is no difference.
settled AS (
  SELECT DISTINCT asked.market_date, substr(corrected.ticker, 1) AS ticker
  FROM corrected_splits corrected
  JOIN asked ON corrected.market_date >= asked.market_date AND corrected.market_date <= asked.answered
),
bars AS (
  SELECT asked.market_date, asked.day_before, traded.ticker, adjusted.ticker IS NULL AS lacking,
    coalesce(factors.factor, CAST(1 AS DOUBLE)) AS ours, traded.close / nullif(adjusted.close, 0) AS theirs,
    -- Of both prices, since a late trade moves one. The source rounds to the fourth decimal.
    least(
      abs(traded.open / coalesce(factors.factor, 1) - adjusted.open) - 0.0001 * adjusted.open,
      abs(traded.close / coalesce(factors.factor, 1) - adjusted.close) - 0.0001 * adjusted.close
    ) > 0.0001 AND settled.ticker IS NULL AS differs
  FROM asked
  JOIN {silver}.stocks_grouped_daily traded ON traded.market_date = asked.day_before
  LEFT JOIN {silver}.stocks_adjusted_daily adjusted ON adjusted.market_date = asked.market_date AND adjusted.ticker = traded.ticker
  LEFT JOIN factors ON factors.market_date = asked.market_date AND factors.ticker = traded.ticker
  LEFT JOIN settled ON settled.market_date = asked.market_date AND settled.ticker = traded.ticker
  WHERE asked.whole
),
counted AS (
  SELECT market_date, count_if(NOT lacking) AS compared, count_if(lacking) AS lacking, count_if(differs) AS differing,
    array_join(slice(array_sort(collect_list(CASE WHEN lacking THEN ticker END)), 1, 10), ', ') AS names
  FROM bars
  GROUP BY market_date
),
summed AS (
  SELECT asked.market_date, stack(3,
  'compared', 'warn', CAST(coalesce(counted.compared, 0) AS DOUBLE), '> 0',
    coalesce(counted.compared, 0) > 0,
    concat(coalesce(counted.compared, 0), ' tickers compared',
      CASE WHEN NOT asked.whole THEN concat(': the source answered on ', asked.answered, ', and splits executed until then are not all loaded')
        WHEN counted.compared IS NULL THEN concat(': the bars of ', asked.day_before, ' are not loaded') ELSE '' END),
  'all_adjusted', 'warn', CAST(coalesce(counted.lacking, 0) AS DOUBLE), '= 0',
    coalesce(counted.lacking, 0) = 0,
    concat(coalesce(counted.lacking, 0), ' tickers with a bar have none among the adjusted ones',
      CASE WHEN counted.lacking > 0 THEN concat(': ', counted.names) ELSE '' END),
  'factors_agree', :severity, CAST(coalesce(counted.differing, 0) AS DOUBLE), '= 0',
    coalesce(counted.differing, 0) = 0, concat(coalesce(counted.differing, 0), ' tickers with another factor than the source applies')
) AS (expectation, severity, observed, threshold, passed, message)
  FROM asked
  LEFT JOIN counted ON counted.market_date = asked.market_date
)
SELECT market_date, expectation, severity, observed, threshold, passed, message FROM summed
UNION ALL
-- Every difference, a row each.
SELECT market_date, 'factor_agrees' AS expectation, :severity AS severity, round(theirs, 6) AS observed,
  concat('= ', round(ours, 6)) AS threshold, false AS passed,
  concat(ticker, ' ', day_before, ': the source divides by ', regexp_replace(CAST(round(theirs, 6) AS STRING), '[.]0$', ''), ', ours is ',
    regexp_replace(CAST(round(ours, 6) AS STRING), '[.]0$', '')) AS message
FROM bars
WHERE differs;

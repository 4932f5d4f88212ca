-- What is expected of the articles of a day.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT article_id) AS doubled,
    count_if(CAST(published_at AS DATE) > market_date OR CAST(published_at AS DATE) <= date_sub(market_date, 7)) AS elsewhere,
    count_if(coalesce(size(tickers), 0) <= 0) AS nameless,
    count_if(exists(insights, insight -> coalesce(insight.sentiment, '') NOT IN ('positive', 'neutral', 'negative'))) AS odd_moods
  FROM {silver}.stocks_news
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(6,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than articles'),
  'published_by_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0,
    concat(coalesce(measured.elsewhere, 0), ' articles from after the market day or more than a week before it'),
  'tickers_named', 'warn', CAST(coalesce(measured.nameless, 0) AS DOUBLE), '= 0',
    coalesce(measured.nameless, 0) = 0,
    concat(coalesce(measured.nameless, 0), ' articles that name no ticker, not in gold'),
  'sentiments_known', 'warn', CAST(coalesce(measured.odd_moods, 0) AS DOUBLE), '= 0',
    coalesce(measured.odd_moods, 0) = 0,
    concat(coalesce(measured.odd_moods, 0), ' articles with a sentiment other than positive, neutral and negative'),
  'row_count', 'warn', CAST(loaded.silver_rows AS DOUBLE), '0.1 to 10.0 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows BETWEEN 0.1 * loaded.recent_rows AND 10.0 * loaded.recent_rows
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;

-- What is expected of the open short positions that became public by a day; most days have none.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT struct(ticker, settlement_date)) AS doubled,
    count_if(short_interest < 0 OR avg_daily_volume < 0) AS negative,
    count_if(datediff(market_date, settlement_date) NOT BETWEEN 12 AND 24) AS elsewhere,
    count_if(avg_daily_volume > 0 AND least(
      abs(days_to_cover - short_interest / nullif(avg_daily_volume, 0)),
      abs(days_to_cover - greatest(short_interest / nullif(avg_daily_volume, 0), 1))) > 0.01 + 0.01 * days_to_cover) AS uneven
  FROM {silver}.stocks_short_interest
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(5,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0,
    concat(coalesce(measured.doubled, 0), ' rows more than tickers and settlement dates'),
  'not_negative', 'critical', CAST(coalesce(measured.negative, 0) AS DOUBLE), '= 0',
    coalesce(measured.negative, 0) = 0, concat(coalesce(measured.negative, 0), ' rows with fewer than 0 shares'),
  'settled_two_weeks_before', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0,
    concat(coalesce(measured.elsewhere, 0), ' rows with a settlement date that is not 12 to 24 days before the market day'),
  'days_to_cover_fit', 'warn', CAST(coalesce(measured.uneven, 0) AS DOUBLE), '= 0',
    coalesce(measured.uneven, 0) = 0,
    concat(coalesce(measured.uneven, 0), ' rows whose days to cover are not short interest / average volume, by more than 1 %'),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.01',
    loaded.quarantined <= 0.01 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;

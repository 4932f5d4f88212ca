-- What is expected of a day's ticker events.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count_if(size(events) = 0) AS eventless,
    count_if(exists(events, event -> TRY_CAST(event.date AS DATE) > market_date)) AS ahead
  FROM {silver}.stocks_ticker_events
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(3,
  'some_event', 'warn', CAST(coalesce(measured.eventless, 0) AS DOUBLE), '= 0',
    coalesce(measured.eventless, 0) = 0, concat(coalesce(measured.eventless, 0), ' securities without any event'),
  'none_ahead', 'warn', CAST(coalesce(measured.ahead, 0) AS DOUBLE), '= 0',
    coalesce(measured.ahead, 0) = 0, concat(coalesce(measured.ahead, 0), ' securities with an event after the market day'),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;

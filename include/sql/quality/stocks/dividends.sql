-- What is expected of a day's dividends.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT dividends.market_date,
    count(*) - count(DISTINCT dividends.dividend_id) AS doubled,
    count_if(cash_amount <= 0) AS not_positive,
    count_if(ex_dividend_date <> dividends.market_date) AS elsewhere,
    count_if(dividends.currency <> 'USD') AS foreign,
    count_if(listed.ticker IS NULL) AS unknown
  FROM {silver}.stocks_dividends dividends
  LEFT JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.stocks_tickers
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) listed ON listed.market_date = dividends.market_date AND listed.ticker = dividends.ticker
  WHERE dividends.market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY dividends.market_date
)
SELECT loaded.market_date, stack(6,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than dividends'),
  'amount_positive', 'warn', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0,
    concat(coalesce(measured.not_positive, 0), ' dividends of 0 or less, not used in returns'),
  'ex_on_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0,
    concat(coalesce(measured.elsewhere, 0), ' dividends with an ex-dividend date other than the market day'),
  'in_dollars', 'warn', CAST(coalesce(measured.foreign, 0) AS DOUBLE), '= 0',
    coalesce(measured.foreign, 0) = 0,
    concat(coalesce(measured.foreign, 0), ' dividends in other currencies than USD, not used in returns'),
  'tickers_known', 'warn', CAST(coalesce(measured.unknown, 0) AS DOUBLE), '= 0',
    coalesce(measured.unknown, 0) = 0,
    concat(coalesce(measured.unknown, 0), ' dividends of tickers that the reference data of the day does not list'),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '= 0',
    loaded.quarantined <= 0 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;

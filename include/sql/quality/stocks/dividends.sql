-- What is expected of a day's dividends.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH counted_days AS (
  SELECT market_date, day_before FROM loaded
),
{include gold/payments.sql},
told AS (
  SELECT market_date, count_if(cash IS NULL) AS foreign, count_if(ids > 1) AS repeated,
    array_join(slice(array_sort(collect_list(CASE WHEN cash IS NULL
      THEN concat(ticker, ' ', market_date, ' ', amount, ' ', currency) END)), 1, 10), ', ') AS foreign_names,
    array_join(slice(array_sort(collect_list(CASE WHEN ids > 1
      THEN concat(ticker, ' ', market_date, ' ', amount, ' ', currency, ' under ', ids, ' ids') END)), 1, 10), ', ') AS repeated_names
  FROM payments
  GROUP BY market_date
),
gone AS (
  SELECT market_date, count(*) AS gone,
    array_join(slice(array_sort(collect_list(
      concat(ticker, ' ', ex_dividend_date, ' ', cash_amount, ' ', coalesce(currency, 'USD')))), 1, 10), ', ') AS names
  FROM {silver}.stocks_dividends dividends
  LEFT ANTI JOIN declared_cash ON declared_cash.ticker = dividends.ticker AND declared_cash.market_date = dividends.market_date
  WHERE market_date BETWEEN :market_date_from AND :market_date_to AND withdrawn
  GROUP BY market_date
),
measured AS (
  SELECT dividends.market_date,
    count(*) - count(DISTINCT dividends.dividend_id) AS doubled,
    count_if(cash_amount <= 0) AS not_positive,
    count_if(ex_dividend_date > dividends.market_date OR ex_dividend_date <= loaded.day_before) AS elsewhere,
    count_if(listed.ticker IS NULL AND NOT coalesce(dividends.withdrawn, false)) AS unknown
  FROM {silver}.stocks_dividends dividends
  JOIN loaded ON loaded.market_date = dividends.market_date
  LEFT JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.stocks_tickers
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) listed ON listed.market_date = dividends.market_date AND listed.ticker = dividends.ticker
  WHERE dividends.market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY dividends.market_date
)
SELECT loaded.market_date, stack(8,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than dividends'),
  'amount_positive', 'warn', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0,
    concat(coalesce(measured.not_positive, 0), ' dividends of 0 or less, not used in returns'),
  'ex_by_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0,
    concat(coalesce(measured.elsewhere, 0), ' dividends with an ex-dividend date after the market day, or by the market day before it'),
  'in_dollars', 'warn', CAST(coalesce(told.foreign, 0) AS DOUBLE), '= 0',
    coalesce(told.foreign, 0) = 0,
    concat(coalesce(told.foreign, 0), ' dividends in currencies without a rate in the week before, not used in returns',
      CASE WHEN told.foreign > 0 THEN concat(': ', told.foreign_names) ELSE '' END),
  'paid_once', 'warn', CAST(coalesce(told.repeated, 0) AS DOUBLE), '= 0',
    coalesce(told.repeated, 0) = 0,
    concat(coalesce(told.repeated, 0), ' payments under several ids, counted once',
      CASE WHEN told.repeated > 0 THEN concat(': ', told.repeated_names) ELSE '' END),
  'none_withdrawn', 'warn', CAST(coalesce(gone.gone, 0) AS DOUBLE), '= 0',
    coalesce(gone.gone, 0) = 0,
    concat(coalesce(gone.gone, 0), ' dividends that an earlier answer has and the newest one has not, not used in returns',
      coalesce(concat(': ', gone.names), '')),
  'tickers_known', 'warn', CAST(coalesce(measured.unknown, 0) AS DOUBLE), '= 0',
    coalesce(measured.unknown, 0) = 0,
    concat(coalesce(measured.unknown, 0), ' dividends of tickers that the reference data of the day does not list'),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '= 0',
    loaded.quarantined <= 0 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded
LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN told ON told.market_date = loaded.market_date
LEFT JOIN gone ON gone.market_date = loaded.market_date;

-- From silver's dividends, `corrected_dividends` (ticker, market_date, cash) and `counted_days` (market_date, day_before) to
-- `payments` (ticker, market_date, ids, amount, currency, cash): each payment of a ticker once, however many ids it has, in
-- USD; cash is NULL where there is no rate. A regular and a special one of one amount are two. What an operator has declared
-- of a day counts in the place of all that the source says of it.
declared_cash AS (
  SELECT substr(corrected.ticker, 1) AS ticker, date_add(corrected.market_date, 0) AS market_date, corrected.cash
  FROM corrected_dividends corrected
  JOIN counted_days ON counted_days.market_date = corrected.market_date
),
distinct_payments AS (
  SELECT substr(dividends.ticker, 1) AS ticker, date_add(dividends.market_date, 0) AS market_date, dividends.ex_dividend_date, dividends.cash_amount AS amount,
    upper(coalesce(dividends.currency, 'USD')) AS currency, count(*) AS ids
  FROM {silver}.stocks_dividends dividends
  JOIN counted_days ON counted_days.market_date = dividends.market_date
  LEFT ANTI JOIN declared_cash ON declared_cash.ticker = dividends.ticker AND declared_cash.market_date = dividends.market_date
  WHERE dividends.cash_amount > 0 AND NOT coalesce(dividends.withdrawn, false)
    AND dividends.ex_dividend_date > counted_days.day_before AND dividends.ex_dividend_date <= dividends.market_date
  GROUP BY substr(dividends.ticker, 1), date_add(dividends.market_date, 0), dividends.ex_dividend_date, dividends.cash_amount,
    upper(coalesce(dividends.currency, 'USD')), dividends.record_date, dividends.pay_date,
    coalesce(dividends.distribution_type = 'special', false)
),
quotes AS (
  SELECT market_date, ticker, close FROM {any_silver}.forex_grouped_daily
  WHERE length(ticker) = 8 AND close > 0 AND market_date >= (SELECT date_sub(min(market_date), 14) FROM counted_days)
),
-- USD for one of a currency, as quoted, or as the inverse of what is quoted.
rates AS (
  SELECT market_date, currency, coalesce(max(direct), 1 / max(inverse)) AS rate
  FROM (
    SELECT market_date, substr(ticker, 3, 3) AS currency, close AS direct, CAST(NULL AS DOUBLE) AS inverse
    FROM quotes WHERE substr(ticker, 6, 3) = 'USD'
    UNION ALL
    SELECT market_date, substr(ticker, 6, 3) AS currency, CAST(NULL AS DOUBLE) AS direct, close AS inverse
    FROM quotes WHERE substr(ticker, 3, 3) = 'USD'
  )
  GROUP BY market_date, currency
),
-- The rate of the ex-date's eve: the last one in the week before.
eves AS (
  SELECT asked.currency, asked.ex_dividend_date, max_by(rates.rate, rates.market_date) AS rate
  FROM (SELECT DISTINCT currency, ex_dividend_date FROM distinct_payments WHERE currency <> 'USD') asked
  JOIN rates ON rates.currency = asked.currency
    AND rates.market_date < asked.ex_dividend_date AND rates.market_date >= date_sub(asked.ex_dividend_date, 7)
  GROUP BY asked.currency, asked.ex_dividend_date
),
payments AS (
  SELECT paid.ticker, paid.market_date, paid.ids, paid.amount, paid.currency,
    paid.amount * CASE WHEN paid.currency = 'USD' THEN CAST(1 AS DOUBLE) ELSE eves.rate END AS cash
  FROM distinct_payments paid
  LEFT JOIN eves ON eves.currency = paid.currency AND eves.ex_dividend_date = paid.ex_dividend_date
  UNION ALL
  SELECT ticker, market_date, CAST(1 AS BIGINT) AS ids, cash AS amount, 'USD' AS currency, cash FROM declared_cash WHERE cash > 0
)

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
    upper(coalesce(dividends.currency, 'USD')) AS currency, dividends.record_date, dividends.pay_date,
    coalesce(dividends.distribution_type = 'special', false) AS special, count(*) AS ids
  FROM {silver}.stocks_dividends dividends
  JOIN counted_days ON counted_days.market_date = dividends.market_date
  LEFT ANTI JOIN declared_cash ON declared_cash.ticker = dividends.ticker AND declared_cash.market_date = dividends.market_date
  WHERE dividends.cash_amount > 0 AND NOT coalesce(dividends.withdrawn, false)
    AND dividends.ex_dividend_date > counted_days.day_before AND dividends.ex_dividend_date <= dividends.market_date
  GROUP BY substr(dividends.ticker, 1), date_add(dividends.market_date, 0), dividends.ex_dividend_date, dividends.cash_amount,
    upper(coalesce(dividends.currency, 'USD')), dividends.record_date, dividends.pay_date,
    coalesce(dividends.distribution_type = 'special', false)
),
-- USD for one of a currency, as quoted, or as the inverse of what is quoted.
rates AS (
  SELECT market_date, currency, coalesce(max(direct), 1 / max(inverse)) AS rate
  FROM (
    SELECT date_add(market_date, 0) AS market_date,
      CASE WHEN substr(ticker, 6, 3) = 'USD' THEN substr(ticker, 3, 3) ELSE substr(ticker, 6, 3) END AS currency,
      CASE WHEN substr(ticker, 6, 3) = 'USD' THEN close END AS direct,
      CASE WHEN substr(ticker, 3, 3) = 'USD' THEN close END AS inverse
    FROM {any_silver}.forex_grouped_daily
    WHERE length(ticker) = 8 AND close > 0 AND (substr(ticker, 3, 3) = 'USD' OR substr(ticker, 6, 3) = 'USD')
      AND market_date >= (SELECT date_sub(min(market_date), 14) FROM counted_days)
  )
  GROUP BY market_date, currency
),
-- At the rate of the ex-date's eve: the last one in the week before.
payments AS (
  SELECT paid.ticker, paid.market_date, paid.ids, paid.amount, paid.currency,
    paid.amount * CASE WHEN paid.currency = 'USD' THEN CAST(1 AS DOUBLE) ELSE max_by(rates.rate, rates.market_date) END AS cash
  FROM distinct_payments paid
  LEFT JOIN rates ON rates.currency = paid.currency
    AND rates.market_date < paid.ex_dividend_date AND rates.market_date >= date_sub(paid.ex_dividend_date, 7)
  GROUP BY paid.ticker, paid.market_date, paid.ex_dividend_date, paid.amount, paid.currency, paid.record_date, paid.pay_date,
    paid.special, paid.ids
  UNION ALL
  SELECT ticker, market_date, CAST(1 AS BIGINT) AS ids, cash AS amount, 'USD' AS currency, cash FROM declared_cash WHERE cash > 0
)

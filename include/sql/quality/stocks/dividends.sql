-- Dividends that returns do not use, or use once: of currencies without a rate, under several ids, and withdrawn ones.
WITH counted_days AS (
  SELECT market_date, day_before FROM loaded
),
{include gold/payments.sql}
SELECT market_date, expectation, finding
FROM (
  SELECT market_date, stack(2,
    CASE WHEN cash IS NULL THEN 'in_dollars' END, concat(ticker, ' ', market_date, ' ', amount, ' ', currency),
    CASE WHEN ids > 1 THEN 'paid_once' END, concat(ticker, ' ', market_date, ' ', amount, ' ', currency, ' under ', ids, ' ids')
  ) AS (expectation, finding)
  FROM payments
)
UNION ALL
SELECT market_date, 'none_withdrawn' AS expectation,
  concat(ticker, ' ', ex_dividend_date, ' ', cash_amount, ' ', coalesce(currency, 'USD')) AS finding
FROM {silver}.stocks_dividends dividends
LEFT ANTI JOIN declared_cash ON declared_cash.ticker = dividends.ticker AND declared_cash.market_date = dividends.market_date
WHERE market_date BETWEEN :market_date_from AND :market_date_to AND withdrawn;

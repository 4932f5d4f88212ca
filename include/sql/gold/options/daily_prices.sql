-- Prices as they were traded, with what the contract's symbol says. The reference data of the day adds what it cannot
-- say: all contracts with one root are on the same underlying and deliver the same, adjusted ones have a root of their own.
-- A split of the underlying leaves symbols in use that stand for other contracts from then on.
-- Key: ticker, market_date
-- Join: stocks_daily_prices by underlying = ticker, market_date
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.options_daily_prices (
  ticker STRING NOT NULL COMMENT 'Symbol of the contract',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  underlying STRING NOT NULL COMMENT 'Ticker of the stock or fund that the contract is on; the root of its symbol where the reference data does not list it',
  expiry DATE NOT NULL COMMENT 'Last day on which the contract may be exercised',
  type STRING NOT NULL COMMENT 'call or put',
  strike DOUBLE NOT NULL COMMENT 'Price at which it may be exercised, USD a share of the underlying',
  days_to_expiry INT COMMENT 'Calendar days from the market day to expiry, number',
  shares_per_contract DOUBLE COMMENT 'Shares that a contract delivers, number; 100 where the reference data does not list it',
  open DOUBLE COMMENT 'First price of the session, USD a share of the underlying',
  high DOUBLE COMMENT 'Highest price of the session, USD a share of the underlying',
  low DOUBLE COMMENT 'Lowest price of the session, USD a share of the underlying',
  close DOUBLE COMMENT 'Last price of the session, USD a share of the underlying',
  volume DOUBLE COMMENT 'Contracts traded, number',
  trades BIGINT COMMENT 'Number of transactions',
  turnover DOUBLE COMMENT 'close * volume * shares_per_contract: premium that changed hands at the last price, USD',
  is_adjusted BOOLEAN COMMENT 'True for a contract that delivers other than 100 shares or something beside them, after a corporate action as a rule; their roots end with a digit',
  security STRING COMMENT 'The contract itself: its symbol, and from a split of its underlying on the symbol, @ and the day of that split, since it is another one then'
) USING delta
COMMENT 'US options: daily prices of every contract that traded, one row a contract and market day';

WITH roots AS (
  SELECT market_date, substr(ticker, 3, length(ticker) - 17) AS root,
    max(underlying) AS underlying, max(shares_per_contract) AS shares_per_contract
  FROM {silver}.options_contracts
  WHERE {days}
  GROUP BY market_date, substr(ticker, 3, length(ticker) - 17)
),
adjusted AS (
  SELECT market_date, ticker, shares_per_contract
  FROM {silver}.options_contracts
  WHERE {days} AND (shares_per_contract <> 100 OR coalesce(additional_underlyings, '[]') <> '[]')
),
bars AS (
  SELECT ticker, market_date, open, high, low, close, volume, trades,
    substr(ticker, 3, length(ticker) - 17) AS root,
    CAST(concat('20', substr(ticker, -15, 2), '-', substr(ticker, -13, 2), '-', substr(ticker, -11, 2)) AS DATE) AS expiry,
    CASE WHEN substr(ticker, -9, 1) = 'C' THEN 'call' ELSE 'put' END AS type,
    CAST(right(ticker, 8) AS DOUBLE) / 1000 AS strike
  FROM {silver}.options_daily_bars
  WHERE {days}
)
SELECT
  bars.ticker,
  bars.market_date,
  coalesce(roots.underlying, bars.root) AS underlying,
  bars.expiry,
  bars.type,
  bars.strike,
  datediff(bars.expiry, bars.market_date) AS days_to_expiry,
  coalesce(adjusted.shares_per_contract, roots.shares_per_contract, CAST(100 AS DOUBLE)) AS shares_per_contract,
  bars.open,
  bars.high,
  bars.low,
  bars.close,
  bars.volume,
  bars.trades,
  bars.close * bars.volume * coalesce(adjusted.shares_per_contract, roots.shares_per_contract, CAST(100 AS DOUBLE)) AS turnover,
  adjusted.ticker IS NOT NULL OR coalesce(roots.shares_per_contract, 100) <> 100
    OR right(bars.root, 1) BETWEEN '0' AND '9' AS is_adjusted,
  concat_ws('@', bars.ticker, underlyings.since) AS security
FROM bars
LEFT JOIN roots ON roots.market_date = bars.market_date AND roots.root = bars.root
LEFT JOIN {any_gold}.options_underlyings underlyings ON underlyings.ticker = coalesce(roots.underlying, bars.root)
  AND bars.market_date >= underlyings.since AND bars.market_date < underlyings.until
LEFT JOIN adjusted ON adjusted.market_date = bars.market_date AND adjusted.ticker = bars.ticker;

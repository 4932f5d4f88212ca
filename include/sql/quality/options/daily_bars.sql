-- Bars of contracts that are not listed, and underlyings of which nothing traded. Contracts are listed for the chosen
-- underlyings only: bars of other roots are compared with none.
WITH contracts AS (
  SELECT ticker, market_date, underlying, substr(ticker, 3, length(ticker) - 17) AS root
  FROM {silver}.options_contracts
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
),
roots AS (
  SELECT DISTINCT market_date, root, underlying FROM contracts
),
bars AS (
  SELECT ticker, market_date, substr(ticker, 3, length(ticker) - 17) AS root
  FROM {silver}.options_daily_bars
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
)
SELECT bars.market_date, 'contracts_known' AS expectation, CAST(NULL AS STRING) AS finding
FROM bars
LEFT SEMI JOIN roots ON roots.market_date = bars.market_date AND roots.root = bars.root
LEFT ANTI JOIN contracts ON contracts.market_date = bars.market_date AND contracts.ticker = bars.ticker
UNION ALL
SELECT roots.market_date, 'underlyings_traded' AS expectation, roots.underlying AS finding
FROM roots
LEFT JOIN (SELECT DISTINCT market_date, root FROM bars) traded
  ON traded.market_date = roots.market_date AND traded.root = roots.root
GROUP BY roots.market_date, roots.underlying
HAVING count(traded.root) = 0;

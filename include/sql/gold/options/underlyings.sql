-- From one split of an underlying to the next: a symbol on it stands for the same contract as long. Of all stocks that split,
-- with options or without: which have some is not known before the options are.
-- Key: ticker, since before until
CREATE TABLE IF NOT EXISTS {gold}.options_underlyings (
  ticker STRING NOT NULL COMMENT 'Ticker of the stock or fund',
  security STRING NOT NULL COMMENT 'Ticker, @ and the day of the split: what contracts on it are on from that day on',
  since DATE NOT NULL COMMENT 'Market day from which the split counts',
  until DATE NOT NULL COMMENT 'Market day from which the next split counts; 9999-12-31 where none follows'
) USING delta
COMMENT 'US options: underlyings by their splits, one row a split';

SELECT
  ticker,
  concat_ws('@', ticker, market_date) AS security,
  market_date AS since,
  coalesce(LEAD(market_date) OVER (PARTITION BY ticker ORDER BY market_date), DATE'9999-12-31') AS until
FROM (SELECT DISTINCT ticker, market_date FROM {any_silver}.stocks_splits WHERE NOT coalesce(withdrawn, false)) splits;

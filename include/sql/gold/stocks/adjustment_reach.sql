-- How far back prices are adjusted for every action.
-- Key: none, one row
-- NULL: before any market day has both
CREATE TABLE IF NOT EXISTS {gold}.stocks_adjustment_reach (
  adjusted_from DATE COMMENT 'First market day from which on the splits and dividends of every market day are known'
) USING delta
COMMENT 'US stocks: since when adjusted prices are whole, one row';

WITH known AS (
  SELECT market_days.market_date,
    market_days.session - ROW_NUMBER() OVER (ORDER BY market_days.session) AS stretch
  FROM market_days
  JOIN days_of_corporate_actions acted ON acted.market_date = market_days.market_date
)
SELECT min(market_date) AS adjusted_from
FROM known
WHERE stretch = (SELECT max(newest.stretch) FROM known newest);

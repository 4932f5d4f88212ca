-- How much of what was reported to FINRA was sold short, and how much that is usually.
-- Key: ticker, market_date
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.stocks_short_volume (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  short_volume DOUBLE COMMENT 'Shares sold short in trades reported to FINRA',
  exempt_volume DOUBLE COMMENT 'Those among them that are exempt from the short sale rule, shares',
  reported_volume DOUBLE COMMENT 'Shares traded in trades reported to FINRA, not on exchanges',
  short_ratio DOUBLE COMMENT 'short_volume / reported_volume, fraction (0.01 is 1 %)',
  short_ratio_20d DOUBLE COMMENT 'The same over 20 market days, this one included: sum of short_volume / sum of reported_volume, fraction; NULL below 10 days with rows'
) USING delta
COMMENT 'US stocks: share of trades that were short sales, one row a ticker and market day';

WITH sold AS (
  SELECT sold.ticker, coalesce(instruments.security, sold.ticker) AS security, sold.market_date, sold.short_volume, sold.exempt_volume, sold.total_volume, market_days.session
  FROM {silver}.stocks_short_volume sold
  JOIN market_days ON market_days.market_date = sold.market_date
  LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = sold.ticker
    AND sold.market_date >= instruments.since AND sold.market_date < instruments.until
  WHERE sold.market_date BETWEEN {reach} AND {last}
),
asked AS (
  SELECT * FROM sold WHERE {days}
),
-- Windows as a join on blocks of 20 market days: a day's window lies in its own block and the one before, so that few
-- days cost little, and many days no more than two blocks each.
recent AS (
  SELECT asked.ticker, asked.market_date, count(*) AS days, sum(held.short_volume) AS short_volume,
    sum(held.total_volume) AS total_volume
  FROM (
    SELECT ticker, security, market_date, session, explode(array(session DIV 20, session DIV 20 - 1)) AS block FROM asked
  ) asked
  JOIN (SELECT security, session, session DIV 20 AS block, short_volume, total_volume FROM sold) held
    ON held.security = asked.security AND held.block = asked.block
    AND held.session > asked.session - 20 AND held.session <= asked.session
  GROUP BY asked.ticker, asked.market_date
)
SELECT
  asked.ticker,
  asked.market_date,
  asked.short_volume,
  asked.exempt_volume,
  asked.total_volume AS reported_volume,
  asked.short_volume / nullif(asked.total_volume, 0) AS short_ratio,
  CASE WHEN recent.days >= 10 THEN recent.short_volume / nullif(recent.total_volume, 0) END AS short_ratio_20d
FROM asked
JOIN recent ON recent.ticker = asked.ticker AND recent.market_date = asked.market_date;

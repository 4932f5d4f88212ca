-- What the source and operators say of a day's splits and dividends, beside what the price did: stocks_corporate_actions says
-- what counts of it. A day's actions are known when splits and dividends are; they do not wait for its bars.
-- Key: ticker, market_date, ratio
-- NULL: what is said of a ratio where there is a dividend alone, close_before where close_day is
CREATE TABLE IF NOT EXISTS {gold}.stocks_announced_actions (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day from which the actions count: execution date or ex-dividend date, or the first market day after one on a day off',
  security STRING COMMENT 'The security that bore the ticker on the day: see stocks_instruments',
  ratio DOUBLE NOT NULL COMMENT 'New shares for one share of the day before: a ratio that the source gave, or an operator declares, number; 1 where there is a dividend alone',
  said STRING COMMENT 'The ratio as it was given or declared, such as 2 for 1; NULL where there is a dividend alone',
  withdrawn BOOLEAN COMMENT 'True where the newest answer of the source has the ratio no more',
  ids BIGINT COMMENT 'Under how many ids the source gives the ratio, number',
  declared BOOLEAN COMMENT 'True where an operator declares the ratio',
  applied DOUBLE COMMENT 'By what the source itself divides the close of the market day before, as it said on the day, number; NULL where it was not asked then, or before it withdrew the ratio',
  cash_dividend DOUBLE COMMENT 'Cash of a share as counted on the day, USD; other currencies at the rate of the day before the ex-date; NULL without a dividend',
  close_day DATE COMMENT 'The last of the 20 market days before on which the security traded, under whatever ticker; NULL where it did not',
  close_before DOUBLE COMMENT 'Last price of that day, USD a share as traded',
  open DOUBLE COMMENT 'First price of the market day, USD a share as traded; NULL where it did not trade',
  cash DOUBLE COMMENT 'Old name of cash_dividend, for one release'
) USING delta
COMMENT 'US stocks: splits and cash dividends as announced, one row a ticker, market day and ratio';

-- The calendar days whose actions count on a market day: it and the days off before it.
WITH counted_days AS (
  SELECT * FROM (
    SELECT market_date, coalesce(LAG(market_date) OVER (ORDER BY session), date_sub(market_date, 7)) AS day_before
    FROM market_days
  )
  WHERE {days}
),
{include gold/offered_ratios.sql},
{include gold/payments.sql},
{include gold/applied_factors.sql},
announced AS (
  SELECT coalesce(offered.ticker, paid.ticker) AS ticker, coalesce(offered.market_date, paid.market_date) AS market_date,
    offered.ratio, offered.said, offered.withdrawn, offered.ids, offered.declared, paid.cash,
    CASE WHEN NOT offered.withdrawn OR applied.asked >= offered.asof THEN applied.factor END AS applied
  FROM offered
  LEFT JOIN applied ON applied.ticker = offered.ticker AND applied.market_date = offered.market_date
  FULL JOIN (
    SELECT ticker, market_date, sum(cash) AS cash FROM payments WHERE cash IS NOT NULL GROUP BY ticker, market_date
  ) paid ON paid.ticker = offered.ticker AND paid.market_date = offered.market_date
),
-- Under which ticker a security traded when; before a ticker is first listed it is a security of its own.
borne AS (
  SELECT security, ticker, since, until FROM {any_gold}.stocks_instruments
  UNION ALL
  SELECT ticker AS security, ticker, DATE'0001-01-01' AS since, min(since) AS until
  FROM {any_gold}.stocks_instruments
  GROUP BY ticker
),
acted AS (
  SELECT announced.*, coalesce(instruments.security, announced.ticker) AS security
  FROM announced
  LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = announced.ticker
    AND announced.market_date >= instruments.since AND announced.market_date < instruments.until
),
looked_up AS (
  SELECT acted.*, market_days.session - back.sessions AS session, coalesce(borne.ticker, acted.ticker) AS ticker_then,
    coalesce(borne.since, DATE'0001-01-01') AS since, coalesce(borne.until, DATE'9999-12-31') AS until
  FROM acted
  LEFT JOIN borne ON borne.security = acted.security
  JOIN market_days ON market_days.market_date = acted.market_date
  CROSS JOIN (SELECT explode(sequence(1, 20)) AS sessions) back
),
bars AS (
  SELECT ticker, market_date, open, close FROM {any_silver}.stocks_grouped_daily
  WHERE market_date BETWEEN {reach} AND {last}
)
SELECT looked_up.ticker, looked_up.market_date, looked_up.security, coalesce(looked_up.ratio, CAST(1 AS DOUBLE)) AS ratio, looked_up.said, looked_up.withdrawn,
  looked_up.ids, looked_up.declared, looked_up.applied, looked_up.cash AS cash_dividend,
  max(bars.market_date) AS close_day,
  max_by(bars.close, bars.market_date) AS close_before,
  max(today.open) AS open,
  looked_up.cash
FROM looked_up
JOIN market_days ON market_days.session = looked_up.session
LEFT JOIN bars ON bars.ticker = looked_up.ticker_then AND bars.market_date = market_days.market_date
  AND bars.market_date >= looked_up.since AND bars.market_date < looked_up.until
LEFT JOIN bars today ON today.ticker = looked_up.ticker AND today.market_date = looked_up.market_date
GROUP BY looked_up.ticker, looked_up.market_date, looked_up.security, looked_up.ratio, looked_up.said, looked_up.withdrawn,
  looked_up.ids, looked_up.declared, looked_up.applied, looked_up.cash;

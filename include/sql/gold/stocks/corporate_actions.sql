-- What splits and dividends of a day do to the prices before it. A day's actions are known when splits and dividends are;
-- they do not wait for its bars.
CREATE TABLE IF NOT EXISTS {gold}.stocks_corporate_actions (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day from which the actions count: execution date or ex-dividend date, or the first market day after one on a day off',
  split_ratio DOUBLE NOT NULL COMMENT 'New shares for one share of the day before: split_to / split_from, number; 1 without a split, or where price shows none of those that the source gave',
  cash_dividend DOUBLE COMMENT 'Cash of a share as counted on the day, USD; other currencies at the rate of the day before the ex-date; NULL without a dividend',
  kept_by_dividend DOUBLE NOT NULL COMMENT 'Part of the price that stays when the share goes ex dividend: 1 - cash * ratio / close before; 1 where no close within 20 market days or a cash above it makes it unknown',
  security STRING COMMENT 'The security that bore the ticker on the day: see stocks_instruments'
) USING delta
COMMENT 'US stocks: splits and cash dividends, one row a ticker and market day that has any';

-- The calendar days whose actions count on a market day: it and the days off before it.
WITH counted_days AS (
  SELECT * FROM (
    SELECT market_date, coalesce(LAG(market_date) OVER (ORDER BY session), date_sub(market_date, 7)) AS day_before
    FROM market_days
  )
  WHERE market_date BETWEEN {reach} AND {last}
),
{include gold/offered_ratios.sql},
{include gold/payments.sql},
known AS (
  SELECT ticker, market_date, sum(cash) AS cash
  FROM (
    SELECT ticker, market_date, cash FROM payments WHERE cash IS NOT NULL
    UNION ALL
    SELECT ticker, market_date, CAST(NULL AS DOUBLE) AS cash FROM offered
  )
  GROUP BY ticker, market_date
),
acted AS (
  SELECT known.ticker, known.market_date, known.cash, coalesce(instruments.security, known.ticker) AS security
  FROM known
  LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = known.ticker
    AND known.market_date >= instruments.since AND known.market_date < instruments.until
),
-- Under which ticker a security traded when; before a ticker is first listed it is a security of its own.
borne AS (
  SELECT security, ticker, since, until FROM {any_gold}.stocks_instruments
  UNION ALL
  SELECT ticker AS security, ticker, DATE'0001-01-01' AS since, min(since) AS until
  FROM {any_gold}.stocks_instruments
  GROUP BY ticker
),
bars AS (
  SELECT ticker, market_date, open, close FROM {any_silver}.stocks_grouped_daily
  WHERE market_date BETWEEN {reach} AND {last}
),
-- The last close in the 20 market days before, under whatever ticker.
looked_up AS (
  SELECT acted.ticker, acted.market_date, acted.security, acted.cash, market_days.session - back.sessions AS session,
    coalesce(borne.ticker, acted.ticker) AS ticker_then, coalesce(borne.since, DATE'0001-01-01') AS since,
    coalesce(borne.until, DATE'9999-12-31') AS until
  FROM acted
  LEFT JOIN borne ON borne.security = acted.security
  JOIN market_days ON market_days.market_date = acted.market_date
  CROSS JOIN (SELECT explode(sequence(1, 20)) AS sessions) back
),
before AS (
  SELECT looked_up.ticker, looked_up.market_date, looked_up.security, looked_up.cash,
    max(bars.market_date) AS close_day, max_by(bars.close, bars.market_date) AS close
  FROM looked_up
  JOIN market_days ON market_days.session = looked_up.session
  JOIN bars ON bars.ticker = looked_up.ticker_then AND bars.market_date = market_days.market_date
    AND bars.market_date >= looked_up.since AND bars.market_date < looked_up.until
  GROUP BY looked_up.ticker, looked_up.market_date, looked_up.security, looked_up.cash
),
moves AS (
  SELECT before.ticker, before.market_date, before.close AS close_before, bars.open, coalesce(before.cash, 0) AS cash
  FROM before
  JOIN bars ON bars.ticker = before.ticker AND bars.market_date = before.market_date
),
{include gold/chosen_ratios.sql},
share_ratios AS (
  SELECT chosen.ticker, chosen.market_date, chosen.ratio, acted.security
  FROM chosen
  JOIN acted ON acted.ticker = chosen.ticker AND acted.market_date = chosen.market_date
  WHERE chosen.ratio <> 1
),
-- The cash is that of a share as counted on the ex-date: a split after that close changes the count of that close.
counted AS (
  SELECT before.ticker, before.market_date, before.cash, before.close,
    aggregate(array_sort(collect_list(share_ratios.ratio)), CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS ratio
  FROM before
  LEFT JOIN share_ratios ON share_ratios.security = before.security
    AND share_ratios.market_date > before.close_day AND share_ratios.market_date <= before.market_date
  WHERE before.cash IS NOT NULL
  GROUP BY before.ticker, before.market_date, before.cash, before.close
),
kept AS (
  SELECT ticker, market_date, 1 - cash * ratio / close AS kept FROM counted WHERE cash * ratio < close
),
actions AS (
  SELECT ticker, security, market_date, cash FROM acted WHERE {days}
)
SELECT
  actions.ticker,
  actions.market_date,
  coalesce(share_ratios.ratio, CAST(1 AS DOUBLE)) AS split_ratio,
  actions.cash AS cash_dividend,
  coalesce(kept.kept, CAST(1 AS DOUBLE)) AS kept_by_dividend,
  actions.security
FROM actions
LEFT JOIN share_ratios ON share_ratios.ticker = actions.ticker AND share_ratios.market_date = actions.market_date
LEFT JOIN kept ON kept.ticker = actions.ticker AND kept.market_date = actions.market_date
WHERE share_ratios.ratio IS NOT NULL OR actions.cash IS NOT NULL;

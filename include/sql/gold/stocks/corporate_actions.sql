-- What splits and dividends of a day do to the prices before it.
CREATE TABLE IF NOT EXISTS {gold}.stocks_corporate_actions (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day from which the actions count: execution date or ex-dividend date',
  split_ratio DOUBLE NOT NULL COMMENT 'New shares for one share of the day before: split_to / split_from, number; 1 without a split',
  cash_dividend DOUBLE COMMENT 'Cash of a share as counted on the day, USD; NULL without a dividend',
  kept_by_dividend DOUBLE NOT NULL COMMENT 'Part of the price that stays when the share goes ex dividend: 1 - cash * ratio / close before; 1 where no close within 20 market days or a cash above it makes it unknown',
  security STRING COMMENT 'The security that bore the ticker on the day: see stocks_instruments'
) USING delta
COMMENT 'US stocks: splits and cash dividends, one row a ticker and market day that has any';

WITH ratios AS (
  SELECT ticker, market_date,
    aggregate(array_sort(collect_list(split_to / split_from)), CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS ratio
  FROM {silver}.stocks_splits
  WHERE market_date BETWEEN {reach} AND {last} AND split_from > 0 AND split_to > 0 AND execution_date = market_date
  GROUP BY ticker, market_date
),
share_ratios AS (
  SELECT ratios.*, coalesce(instruments.security, ratios.ticker) AS security
  FROM ratios
  LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = ratios.ticker
    AND ratios.market_date >= instruments.since AND ratios.market_date < instruments.until
),
paid_out AS (
  SELECT ticker, market_date, sum(cash_amount) AS cash
  FROM {silver}.stocks_dividends
  WHERE {days} AND cash_amount > 0 AND coalesce(currency, 'USD') = 'USD' AND ex_dividend_date = market_date
  GROUP BY ticker, market_date
),
paid AS (
  SELECT paid_out.*, coalesce(instruments.security, paid_out.ticker) AS security
  FROM paid_out
  LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = paid_out.ticker
    AND paid_out.market_date >= instruments.since AND paid_out.market_date < instruments.until
),
-- Under which ticker a security traded when.
borne AS (
  SELECT security, ticker, since, until FROM {any_gold}.stocks_instruments
  UNION ALL
  SELECT paid.ticker AS security, paid.ticker, DATE'0001-01-01' AS since,
    coalesce(min(instruments.since), DATE'9999-12-31') AS until
  FROM (SELECT DISTINCT ticker FROM paid_out) paid
  LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = paid.ticker
  GROUP BY paid.ticker
),
-- The last close in the 20 market days before, under whatever ticker.
looked_up AS (
  SELECT paid.ticker, paid.security, paid.market_date, paid.cash, market_days.session - back.sessions AS session,
    borne.ticker AS ticker_then, borne.since, borne.until
  FROM paid
  JOIN borne ON borne.security = paid.security
  JOIN market_days ON market_days.market_date = paid.market_date
  CROSS JOIN (SELECT explode(sequence(1, 20)) AS sessions) back
),
before AS (
  SELECT looked_up.ticker, looked_up.security, looked_up.market_date, looked_up.cash,
    max(closes.market_date) AS close_day, max_by(closes.close, closes.market_date) AS close
  FROM looked_up
  JOIN market_days ON market_days.session = looked_up.session
  JOIN (SELECT * FROM {gold}.stocks_traded_prices WHERE market_date BETWEEN {reach} AND {last}) closes
    ON closes.ticker = looked_up.ticker_then AND closes.market_date = market_days.market_date
    AND closes.market_date >= looked_up.since AND closes.market_date < looked_up.until
  GROUP BY looked_up.ticker, looked_up.security, looked_up.market_date, looked_up.cash
),
-- The cash is that of a share as counted on the ex-date: a split after that close changes the count of that close.
counted AS (
  SELECT before.ticker, before.market_date, before.cash, before.close,
    aggregate(array_sort(collect_list(share_ratios.ratio)), CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS ratio
  FROM before
  LEFT JOIN share_ratios ON share_ratios.security = before.security
    AND share_ratios.market_date > before.close_day AND share_ratios.market_date <= before.market_date
  GROUP BY before.ticker, before.market_date, before.cash, before.close
),
kept AS (
  SELECT ticker, market_date, 1 - cash * ratio / close AS kept FROM counted WHERE cash * ratio < close
),
actions AS (
  SELECT ticker, security, market_date FROM paid
  UNION DISTINCT SELECT ticker, security, market_date FROM share_ratios WHERE {days}
)
SELECT
  actions.ticker,
  actions.market_date,
  coalesce(share_ratios.ratio, CAST(1 AS DOUBLE)) AS split_ratio,
  paid.cash AS cash_dividend,
  coalesce(kept.kept, CAST(1 AS DOUBLE)) AS kept_by_dividend,
  actions.security
FROM actions
LEFT JOIN share_ratios ON share_ratios.ticker = actions.ticker AND share_ratios.market_date = actions.market_date
LEFT JOIN paid ON paid.ticker = actions.ticker AND paid.market_date = actions.market_date
LEFT JOIN kept ON kept.ticker = actions.ticker AND kept.market_date = actions.market_date;

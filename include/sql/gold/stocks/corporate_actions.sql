-- What splits and dividends of a day do to the prices before it.
-- Key: ticker, market_date
-- NULL: nothing else
CREATE TABLE IF NOT EXISTS {gold}.stocks_corporate_actions (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day from which the actions count: execution date or ex-dividend date, or the first market day after one on a day off',
  split_ratio DOUBLE NOT NULL COMMENT 'New shares for one share of the day before: split_to / split_from, number; 1 without a split, or where price shows none of those that the source gave',
  cash_dividend DOUBLE COMMENT 'Cash of a share as counted on the day, USD; other currencies at the rate of the day before the ex-date; NULL without a dividend',
  kept_by_dividend DOUBLE NOT NULL COMMENT 'Part of the price that stays when the share goes ex dividend: 1 - cash * ratio / close before; 1 where no close within 20 market days or a cash above it makes it unknown',
  security STRING COMMENT 'The security that bore the ticker on the day: see stocks_instruments'
) USING delta
COMMENT 'US stocks: splits and cash dividends, one row a ticker and market day that has any';

WITH announced AS (
  SELECT ticker, market_date, security, ratio, said, withdrawn, ids, declared, applied, cash_dividend AS cash, close_day,
    close_before, open
  FROM {gold}.stocks_announced_actions
  WHERE market_date BETWEEN {reach} AND {last}
),
{include gold/chosen_ratios.sql},
acted AS (
  SELECT DISTINCT ticker, market_date, security, cash, close_day, close_before FROM announced
),
split AS (
  SELECT acted.*, coalesce(chosen.ratio, CAST(1 AS DOUBLE)) AS ratio
  FROM acted
  LEFT JOIN chosen ON chosen.ticker = acted.ticker AND chosen.market_date = acted.market_date
),
-- The cash is that of a share as counted on the ex-date: a split after the close before changes the count of that close.
counted AS (
  SELECT *, aggregate(
      array_sort(transform(
        filter(splits, each -> each.market_date > close_day AND each.market_date <= market_date), each -> each.ratio)),
      CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS shares
  FROM (SELECT *, collect_list(struct(market_date, ratio)) OVER (PARTITION BY security) AS splits FROM split)
)
SELECT
  ticker,
  market_date,
  ratio AS split_ratio,
  cash AS cash_dividend,
  CASE WHEN cash * shares < close_before THEN 1 - cash * shares / close_before ELSE CAST(1 AS DOUBLE) END AS kept_by_dividend,
  security
FROM counted
WHERE {days} AND (ratio <> 1 OR cash IS NOT NULL);

-- When a contract was listed or traded in each month, and what was said of it last: so that what is known of all contracts
-- is put together from some rows a contract, and not from one for each of its days. A day that changes is put together
-- again with its month.
-- Key: month, ticker, since
-- NULL: what the reference data does not say
CREATE TABLE IF NOT EXISTS {gold}.options_contract_months (
  month DATE NOT NULL COMMENT 'First calendar day of the month',
  ticker STRING NOT NULL COMMENT 'Symbol of the contract',
  since DATE NOT NULL COMMENT 'Day of the split of its underlying from which on the symbol stands for this contract; 0001-01-01 before any split',
  underlying STRING NOT NULL COMMENT 'Ticker of the stock or fund that the contract is on, as last seen in the month',
  first_seen DATE NOT NULL COMMENT 'First market day of the month on which it was listed or traded',
  last_seen DATE NOT NULL COMMENT 'Last market day of the month on which it was listed or traded',
  shares_per_contract DOUBLE COMMENT 'Shares that a contract delivers, number, as last seen in the month',
  exercise_style STRING COMMENT 'american, european or bermudan, as last seen in the month; NULL where the reference data does not list it',
  is_adjusted BOOLEAN COMMENT 'True for a contract that delivers other than 100 shares or something beside them, as last seen in the month'
) USING delta
COMMENT 'US options: every contract in every month in which it was listed or traded';

-- Of one day the reference data counts before the price.
WITH seen AS (
  SELECT listed.ticker, listed.market_date, coalesce(spans.since, DATE'0001-01-01') AS since, listed.underlying, listed.shares_per_contract, listed.exercise_style,
    listed.shares_per_contract <> 100 OR coalesce(listed.additional_underlyings, '[]') <> '[]'
      OR substr(listed.ticker, -16, 1) BETWEEN '0' AND '9' AS is_adjusted,
    2 * datediff(listed.market_date, DATE'1970-01-01') + 1 AS moment
  FROM (SELECT * FROM {silver}.options_contracts WHERE {days}) listed
  LEFT JOIN {any_gold}.options_underlyings spans ON spans.ticker = listed.underlying
    AND listed.market_date >= spans.since AND listed.market_date < spans.until
  UNION ALL
  SELECT ticker, market_date, coalesce(CAST(nullif(split_part(security, '@', 2), '') AS DATE), DATE'0001-01-01') AS since, underlying, shares_per_contract,
    CAST(NULL AS STRING) AS exercise_style, is_adjusted, 2 * datediff(market_date, DATE'1970-01-01') AS moment
  FROM {gold}.options_daily_prices WHERE {days}
)
SELECT
  date_sub(market_date, day(market_date) - 1) AS month,
  ticker,
  since,
  max_by(underlying, moment) AS underlying,
  min(market_date) AS first_seen,
  max(market_date) AS last_seen,
  max_by(shares_per_contract, CASE WHEN shares_per_contract IS NOT NULL THEN moment END) AS shares_per_contract,
  max_by(exercise_style, CASE WHEN exercise_style IS NOT NULL THEN moment END) AS exercise_style,
  max_by(is_adjusted, CASE WHEN is_adjusted IS NOT NULL THEN moment END) AS is_adjusted
FROM seen
GROUP BY date_sub(market_date, day(market_date) - 1), ticker, since;

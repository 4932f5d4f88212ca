-- Which report on a company was the latest one on a day: from its filing until a report on the same or a later period.
-- Corrections of older periods are in stocks_filed_statements only. A view: each filing ends the report before it.
-- Key: ticker, timeframe, known_from to known_to
-- NULL: what the report did not give, and what is computed of it
CREATE OR REPLACE VIEW {gold}.stocks_financials (
  ticker COMMENT 'Exchange symbol; a company with several has a row for each',
  timeframe COMMENT 'Length of the period: quarterly, annual or trailing_twelve_months',
  known_from COMMENT 'Market day of the filing, or the first one after it; filings come in after the close too',
  known_to COMMENT 'Last calendar day on which it was the latest report; 9999-12-31 while it is',
  cik COMMENT 'SEC central index key of the company, 10 digits',
  filing_date COMMENT 'Day on which it was filed with the SEC',
  period_end COMMENT 'Last day of the period that it is about',
  fiscal_year COMMENT 'Year of the company, which need not be a calendar year',
  fiscal_quarter COMMENT 'Quarter of fiscal_year in which the period ends, 1 to 4',
  revenue COMMENT 'Sales of goods and services, USD',
  gross_profit COMMENT 'Revenue less the cost of what was sold, USD',
  operating_income COMMENT 'Gross profit less operating expenses, USD',
  net_income COMMENT 'Income that belongs to common shareholders, USD',
  diluted_eps COMMENT 'Income a share if all options and convertibles were shares, USD a share as counted then',
  operating_cash_flow COMMENT 'Cash from operations, USD',
  free_cash_flow COMMENT 'operating_cash_flow less capital expenditure where there is any, USD',
  dividends_paid COMMENT 'Cash paid as dividends, USD',
  cash COMMENT 'Cash and what is as good as cash at period_end, USD',
  total_assets COMMENT 'All assets at period_end, USD',
  total_debt COMMENT 'Current and long-term debt at period_end, USD',
  total_equity COMMENT 'All equity at period_end, USD',
  operating_margin COMMENT 'operating_income / revenue, fraction (0.01 is 1 %)',
  net_margin COMMENT 'net_income / revenue, fraction (0.01 is 1 %)',
  debt_to_equity COMMENT 'total_debt / total_equity, number; NULL where equity is not above 0',
  known_until COMMENT 'Old name of known_to, for one release'
)
COMMENT 'US stocks: the latest report on each company with the days on which it was that, so that nothing is known too early'
AS SELECT
  ticker,
  timeframe,
  market_date AS known_from,
  coalesce(date_sub(followed_on, 1), DATE'9999-12-31') AS known_to,
  cik,
  filing_date,
  period_end,
  fiscal_year,
  fiscal_quarter,
  revenue,
  gross_profit,
  operating_income,
  net_income,
  diluted_eps,
  operating_cash_flow,
  free_cash_flow,
  dividends_paid,
  cash,
  total_assets,
  total_debt,
  total_equity,
  operating_margin,
  net_margin,
  debt_to_equity,
  coalesce(date_sub(followed_on, 1), DATE'9999-12-31') AS known_until
FROM (
  SELECT *,
    LEAD(market_date) OVER (PARTITION BY ticker, timeframe ORDER BY market_date, period_end, filing_date, cik) AS followed_on
  FROM (
    SELECT *,
      max(period_end) OVER (
        PARTITION BY ticker, timeframe ORDER BY market_date, period_end, filing_date, cik
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS latest_period
    FROM {gold}.stocks_filed_statements
  )
  WHERE period_end = latest_period
)
WHERE coalesce(followed_on > market_date, true);

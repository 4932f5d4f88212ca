-- The three statements of a company that were filed together, in one row a ticker of the company. Balance sheets stand for
-- a moment: a row of any length of period has that of the period's end.
-- Key: ticker, cik, filing_date, period_end, timeframe
-- NULL: what the report did not give, and what is computed of it
CREATE TABLE IF NOT EXISTS {gold}.stocks_filed_statements (
  ticker STRING NOT NULL COMMENT 'Exchange symbol; a company with several has a row for each',
  market_date DATE NOT NULL COMMENT 'Market day of the filing, or the first one after it, a New York session date',
  cik STRING NOT NULL COMMENT 'SEC central index key of the company, 10 digits',
  filing_date DATE NOT NULL COMMENT 'Day on which it was filed with the SEC',
  period_end DATE NOT NULL COMMENT 'Last day of the period that it is about',
  timeframe STRING NOT NULL COMMENT 'Length of the period: quarterly, annual or trailing_twelve_months',
  fiscal_year INT COMMENT 'Year of the company, which need not be a calendar year',
  fiscal_quarter INT COMMENT 'Quarter of fiscal_year in which the period ends, 1 to 4',
  revenue DOUBLE COMMENT 'Sales of goods and services, USD',
  gross_profit DOUBLE COMMENT 'Revenue less the cost of what was sold, USD',
  operating_income DOUBLE COMMENT 'Gross profit less operating expenses, USD',
  net_income DOUBLE COMMENT 'Income that belongs to common shareholders, USD',
  diluted_eps DOUBLE COMMENT 'Income a share if all options and convertibles were shares, USD a share as counted then',
  operating_cash_flow DOUBLE COMMENT 'Cash from operations, USD',
  free_cash_flow DOUBLE COMMENT 'operating_cash_flow less capital expenditure where there is any, USD',
  dividends_paid DOUBLE COMMENT 'Cash paid as dividends, USD',
  cash DOUBLE COMMENT 'Cash and what is as good as cash at period_end, USD',
  total_assets DOUBLE COMMENT 'All assets at period_end, USD',
  total_debt DOUBLE COMMENT 'Current and long-term debt at period_end, USD',
  total_equity DOUBLE COMMENT 'All equity at period_end, USD',
  operating_margin DOUBLE COMMENT 'operating_income / revenue, fraction (0.01 is 1 %)',
  net_margin DOUBLE COMMENT 'net_income / revenue, fraction (0.01 is 1 %)',
  debt_to_equity DOUBLE COMMENT 'total_debt / total_equity, number; NULL where equity is not above 0'
) USING delta
COMMENT 'US stocks: figures of company reports by the day of their filing, one row a ticker, filing, period and length of the period';

WITH income AS (
  SELECT * FROM {silver}.stocks_income_statements WHERE {days}
),
flows AS (
  SELECT * FROM {silver}.stocks_cash_flow_statements WHERE {days}
),
-- A quarterly and an annual report on one period have the same sheet.
sheets AS (
  SELECT * FROM (
    SELECT *, coalesce(debt_current + long_term_debt, debt_current, long_term_debt) AS total_debt,
      ROW_NUMBER() OVER (PARTITION BY market_date, cik, filing_date, period_end ORDER BY timeframe DESC) AS place
    FROM {silver}.stocks_balance_sheets
    WHERE {days}
  )
  WHERE place = 1
),
named AS (
  SELECT explode(tickers) AS ticker, market_date, cik, filing_date, period_end, timeframe, fiscal_year, fiscal_quarter
  FROM income
  UNION ALL
  SELECT explode(tickers) AS ticker, market_date, cik, filing_date, period_end, timeframe, fiscal_year, fiscal_quarter
  FROM flows
  UNION ALL
  SELECT explode(tickers) AS ticker, market_date, cik, filing_date, period_end, timeframe, fiscal_year, fiscal_quarter
  FROM {silver}.stocks_balance_sheets
  WHERE {days}
),
reports AS (
  SELECT ticker, market_date, cik, filing_date, period_end, timeframe,
    max(fiscal_year) AS fiscal_year, max(fiscal_quarter) AS fiscal_quarter
  FROM named
  WHERE ticker IS NOT NULL
  GROUP BY ticker, market_date, cik, filing_date, period_end, timeframe
)
SELECT
  reports.ticker,
  reports.market_date,
  reports.cik,
  reports.filing_date,
  reports.period_end,
  reports.timeframe,
  reports.fiscal_year,
  reports.fiscal_quarter,
  income.revenue,
  income.gross_profit,
  income.operating_income,
  income.net_income_to_common AS net_income,
  income.diluted_eps,
  flows.operating_cash_flow,
  flows.operating_cash_flow + coalesce(flows.capital_expenditure, 0) AS free_cash_flow,
  -flows.dividends AS dividends_paid,
  sheets.cash_and_equivalents AS cash,
  sheets.total_assets,
  sheets.total_debt,
  sheets.total_equity,
  income.operating_income / nullif(income.revenue, 0) AS operating_margin,
  income.net_income_to_common / nullif(income.revenue, 0) AS net_margin,
  CASE WHEN sheets.total_equity > 0 THEN sheets.total_debt / nullif(sheets.total_equity, 0) END AS debt_to_equity
FROM reports
LEFT JOIN income ON income.market_date = reports.market_date AND income.cik = reports.cik
  AND income.filing_date = reports.filing_date AND income.period_end = reports.period_end
  AND income.timeframe = reports.timeframe
LEFT JOIN flows ON flows.market_date = reports.market_date AND flows.cik = reports.cik
  AND flows.filing_date = reports.filing_date AND flows.period_end = reports.period_end
  AND flows.timeframe = reports.timeframe
LEFT JOIN sheets ON sheets.market_date = reports.market_date AND sheets.cik = reports.cik
  AND sheets.filing_date = reports.filing_date AND sheets.period_end = reports.period_end;

-- The source's own ratios, of days on which they were taken: it has them for the present only, so that days loaded later
-- have none.
-- Key: ticker, market_date
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.stocks_ratios (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day on which the source said so, a New York session date',
  price_date DATE COMMENT 'Day of the close that the ratios stand on',
  price DOUBLE COMMENT 'Close of price_date, USD a share as traded',
  average_volume_30d DOUBLE COMMENT 'Shares traded a day over 30 market days, number',
  market_cap DOUBLE COMMENT 'price times shares outstanding, USD',
  enterprise_value DOUBLE COMMENT 'market_cap and debt less cash, USD',
  earnings_per_share DOUBLE COMMENT 'Income of the last twelve months a share, USD a share',
  price_to_earnings DOUBLE COMMENT 'price / earnings_per_share, number',
  price_to_book DOUBLE COMMENT 'market_cap / equity, number',
  price_to_sales DOUBLE COMMENT 'market_cap / revenue of the last twelve months, number',
  price_to_cash_flow DOUBLE COMMENT 'market_cap / operating cash flow of the last twelve months, number',
  price_to_free_cash_flow DOUBLE COMMENT 'market_cap / free_cash_flow, number',
  ev_to_sales DOUBLE COMMENT 'enterprise_value / revenue of the last twelve months, number',
  ev_to_ebitda DOUBLE COMMENT 'enterprise_value / EBITDA of the last twelve months, number',
  dividend_yield DOUBLE COMMENT 'Dividends of the last twelve months a share / price, fraction (0.01 is 1 %)',
  return_on_assets DOUBLE COMMENT 'Income of the last twelve months / assets, fraction (0.01 is 1 %)',
  return_on_equity DOUBLE COMMENT 'Income of the last twelve months / equity, fraction (0.01 is 1 %)',
  debt_to_equity DOUBLE COMMENT 'Debt / equity, number',
  current_ratio DOUBLE COMMENT 'Current assets / current liabilities, number',
  quick_ratio DOUBLE COMMENT 'Current assets without inventories / current liabilities, number',
  cash_ratio DOUBLE COMMENT 'Cash / current liabilities, number',
  free_cash_flow DOUBLE COMMENT 'Operating cash flow less capital expenditure of the last twelve months, USD',
  average_volume DOUBLE COMMENT 'Old name of average_volume_30d, for one release'
) USING delta
COMMENT 'US stocks: valuation, profitability and leverage of each company, one row a ticker and market day';

SELECT
  ticker,
  market_date,
  price_date,
  price,
  average_volume AS average_volume_30d,
  market_cap,
  enterprise_value,
  earnings_per_share,
  price_to_earnings,
  price_to_book,
  price_to_sales,
  price_to_cash_flow,
  price_to_free_cash_flow,
  ev_to_sales,
  ev_to_ebitda,
  dividend_yield,
  return_on_assets,
  return_on_equity,
  debt_to_equity,
  current_ratio,
  quick_ratio,
  cash_ratio,
  free_cash_flow,
  average_volume
FROM {silver}.stocks_ratios
WHERE {days};

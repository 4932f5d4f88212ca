-- Every best bid and offer of listed tickers over all exchanges (NBBO). A side that nobody offers has a price of 0.
CREATE TABLE IF NOT EXISTS {silver}.stocks_quotes (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  bid_price DOUBLE COMMENT 'Best bid, USD a share; 0 where nobody bids',
  bid_size DOUBLE COMMENT 'Size of the bid, round lots',
  bid_exchange_id INT COMMENT 'Number of the exchange of the bid: see stocks_exchanges',
  ask_price DOUBLE COMMENT 'Best offer, USD a share; 0 where nobody offers',
  ask_size DOUBLE COMMENT 'Size of the offer, round lots',
  ask_exchange_id INT COMMENT 'Number of the exchange of the offer: see stocks_exchanges',
  conditions ARRAY<INT> COMMENT 'Numbers of its conditions: see stocks_conditions; NULL where it has none',
  indicators STRING COMMENT 'Numbers of its indicators, as the source writes them',
{include silver/tick_columns.sql},
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: best bids and offers of a list of tickers, one row a quote';

SELECT
  ticker,
  market_date,
  TRY_CAST(bid_price AS DOUBLE) AS bid_price,
  TRY_CAST(bid_size AS DOUBLE) AS bid_size,
  TRY_CAST(bid_exchange_id AS INT) AS bid_exchange_id,
  TRY_CAST(ask_price AS DOUBLE) AS ask_price,
  TRY_CAST(ask_size AS DOUBLE) AS ask_size,
  TRY_CAST(ask_exchange_id AS INT) AS ask_exchange_id,
{include silver/condition_numbers.sql},
  indicators,
{include silver/tick_numbers.sql},
{include silver/from_bronze.sql};

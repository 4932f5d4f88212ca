-- From the standard chains to `chain`: each contract that has a volatility and is not over, with one price of the underlying for
-- all of its chain, since its pages are seconds apart, and how the strike stands to it.
{include gold/standard_chain.sql},
prices AS (
  SELECT market_date, underlying, median(underlying_price) AS underlying_price
  FROM standard_chain
  WHERE underlying_price > 0
  GROUP BY market_date, underlying
),
chain AS (
  SELECT held.ticker, held.market_date, held.underlying, held.expiry, held.strike, held.type, held.delta,
    held.implied_volatility AS volatility, held.bid, held.ask, held.open_interest,
    prices.underlying_price, held.strike / prices.underlying_price AS moneyness
  FROM standard_chain held
  LEFT JOIN prices ON prices.market_date = held.market_date AND prices.underlying = held.underlying
  WHERE held.expiry > held.market_date AND held.implied_volatility > 0 AND held.type IN ('call', 'put')
)

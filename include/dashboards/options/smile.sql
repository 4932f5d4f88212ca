-- Title: Smile on the newest day
-- Note: Of the five nearest expiries, strikes from 70 % to 130 % of the price of the underlying.
-- Kind: scatter
-- Place: column 1, row 2, 3 wide, 7 high
-- Chosen: underlying
-- Across: moneyness, Strike beside price, ratio
-- Up: implied_volatility, Implied volatility a year, %
-- Colour: expiry, Expiry
-- Empty: The chain has no implied volatility: the source has it for the present only.
SELECT underlying, moneyness, implied_volatility, CAST(expiry AS STRING) AS expiry
FROM (
  SELECT underlying, moneyness, implied_volatility, expiry, dense_rank() OVER (PARTITION BY underlying ORDER BY expiry) AS place
  FROM gold.options_smile
  WHERE market_date = (SELECT max(market_date) FROM gold.options_smile) AND moneyness BETWEEN 0.7 AND 1.3
) AS near
WHERE place <= 5

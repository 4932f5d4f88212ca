-- Title: Term structure on the newest day
-- Kind: line
-- Place: column 4, row 2, 3 wide, 7 high
-- Chosen: underlying
-- Across: days_to_expiry, Time to expiry, days
-- Up: atm_volatility, At the money, %
-- Up: put_volatility, Puts, %
-- Up: call_volatility, Calls, %
-- Empty: The chain has no implied volatility: the source has it for the present only.
SELECT underlying, days_to_expiry, atm_volatility, put_volatility, call_volatility
FROM gold.options_implied_volatility
WHERE market_date = (SELECT max(market_date) FROM gold.options_implied_volatility)
ORDER BY days_to_expiry

-- The chains of the days asked for, as `standard_chain`, without adjusted contracts: what delivers other than 100 shares, or
-- something beside them, has another price than its strike says. Their roots end with a digit.
standard_chain AS (
  SELECT held.*
  FROM (SELECT * FROM {silver}.options_chain_snapshot WHERE {days}) held
  LEFT ANTI JOIN (
    SELECT market_date, ticker FROM {silver}.options_contracts
    WHERE {days} AND (shares_per_contract <> 100 OR coalesce(additional_underlyings, '[]') <> '[]')
  ) adjusted ON adjusted.market_date = held.market_date AND adjusted.ticker = held.ticker
  WHERE coalesce(held.shares_per_contract, 100) = 100 AND substr(held.ticker, -16, 1) NOT BETWEEN '0' AND '9'
)

-- How many rose, fell and stood still, from `market`: part of a SELECT that is grouped by market_date.
    count(*) AS tickers,
    count_if(simple_return > 0) AS advancers,
    count_if(simple_return < 0) AS decliners,
    count_if(simple_return = 0) AS unchanged

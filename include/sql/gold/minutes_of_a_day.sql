-- What the minutes of a day come to, from `moved`: part of a SELECT that is grouped by ticker and market_date.
    ticker,
    market_date,
    count(*) AS minutes,
    min(bar_start) AS first_bar_at,
    max(bar_start) AS last_bar_at,
    min_by(open, bar_start) AS intraday_open,
    max(high) AS intraday_high,
    min(low) AS intraday_low,
    max_by(close, bar_start) AS intraday_close

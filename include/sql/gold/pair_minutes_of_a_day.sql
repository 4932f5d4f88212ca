-- minutes_of_a_day.sql, with what was traded or quoted. The average price is made of each minute's (high + low + close) / 3: the
-- source rounds its own to 4 decimals.
{include gold/minutes_of_a_day.sql},
    sum(volume) AS intraday_volume,
    sum((high + low + close) / 3 * volume) / nullif(sum(volume), 0) AS intraday_vwap

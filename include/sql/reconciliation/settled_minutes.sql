-- What a stream said (`heard`) against the bars of REST (`theirs`), which count: both have ticker, the market_date that REST
-- has a minute under, minute and bar. A row a count of each day that was recorded.
-- A bar is sent behind its minute, and again: it may have been recorded under the day after its own, or under both.
ours AS (
  SELECT *
  FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY ticker, minute ORDER BY received_at DESC, segment DESC, line DESC) AS place
    FROM heard
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  )
  WHERE place = 1
),
days AS (
  SELECT DISTINCT market_date FROM heard WHERE recorded_under = market_date
),
pairs AS (
  SELECT coalesce(ours.market_date, theirs.market_date) AS market_date, ours.came,
    ours.ticker IS NULL AS only_rest, theirs.ticker IS NULL AS only_stream,
    ours.open <=> theirs.open AND ours.high <=> theirs.high AND ours.low <=> theirs.low AND ours.close <=> theirs.close
      AND ours.volume <=> theirs.volume AND ours.vwap <=> theirs.vwap AS same
  FROM ours
  FULL OUTER JOIN theirs
    ON theirs.market_date = ours.market_date AND theirs.ticker = ours.ticker AND theirs.minute = ours.minute
),
counted AS (
  SELECT pairs.market_date,
    count_if(NOT only_rest AND NOT only_stream AND same) AS equal,
    count_if(NOT only_rest AND NOT only_stream AND NOT same) AS corrected,
    count_if(only_stream) AS only_stream,
    count_if(only_rest) AS only_rest,
    count_if(came = 'live') AS live,
    count_if(came = 'late') AS late,
    count_if(came = 'rest') AS by_rest
  FROM pairs
  JOIN days ON days.market_date = pairs.market_date
  GROUP BY pairs.market_date
)
SELECT market_date, stack(7,
  'stream_equal', :severity, CAST(equal AS DOUBLE), '>= 0', true, concat(equal, ' bars of the stream are as REST has them'),
  'stream_corrected', :severity, CAST(corrected AS DOUBLE), '>= 0', true,
    concat(corrected, ' bars were corrected by REST after the stream'),
  'stream_only', :severity, CAST(only_stream AS DOUBLE), '= 0', only_stream = 0,
    concat(only_stream, ' bars are in the stream only: REST does not have them, and they do not count'),
  'rest_only', :severity, CAST(only_rest AS DOUBLE), '= 0', only_rest = 0,
    concat(only_rest, ' bars are in REST only: nobody heard them, and they are in no gap that was filled'),
  'stream_live', :severity, CAST(live AS DOUBLE), '>= 0', true, concat(live, ' bars came live'),
  'stream_late', :severity, CAST(late AS DOUBLE), '>= 0', true, concat(late, ' bars came again, for late trades'),
  'stream_by_rest', :severity, CAST(by_rest AS DOUBLE), '>= 0', true,
    concat(by_rest, ' bars were asked for, since nobody heard them')
) AS (expectation, severity, observed, threshold, passed, message)
FROM counted

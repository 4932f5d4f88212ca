-- From `bars` (ticker, security, market_date, open, high, low, close, volume, scale, least_move, peg_low, peg_high, unknown), all at one share
-- count, `scale` leading to the count of the day, `restated` (lines of quality.changes of these bars), `replaced` (the loads
-- that the source has replaced) and `origins` (ticker, market_date, source_uri) to `judged`: each bar of the days in which
-- anything is large, as it is and as the source had it before, beside the days around it. `least_move` is what is too small
-- in itself to be told, a log return: windows are made for the few bars beyond it alone.
versions AS (
  SELECT load.ticker, load.market_date, load.corrected_at, load.replaced_at,
    min_by(lines.old_value, CASE WHEN lines.column_name = 'open' THEN lines.loaded_at END) AS open,
    min_by(lines.old_value, CASE WHEN lines.column_name = 'high' THEN lines.loaded_at END) AS high,
    min_by(lines.old_value, CASE WHEN lines.column_name = 'low' THEN lines.loaded_at END) AS low,
    min_by(lines.old_value, CASE WHEN lines.column_name = 'close' THEN lines.loaded_at END) AS close,
    min_by(lines.old_value, CASE WHEN lines.column_name = 'volume' THEN lines.loaded_at END) AS volume
  FROM (
    SELECT DISTINCT key AS ticker, market_date, loaded_at AS corrected_at, replaced_load_at AS replaced_at
    FROM restated WHERE {days} AND cause = 'source' AND change = 'changed' AND key IS NOT NULL
  ) load
  JOIN restated lines ON lines.key = load.ticker AND lines.market_date = load.market_date
    AND lines.loaded_at >= load.corrected_at AND lines.change = 'changed'
  GROUP BY load.ticker, load.market_date, load.corrected_at, load.replaced_at
  UNION ALL
  SELECT DISTINCT key, market_date, CAST(NULL AS TIMESTAMP), CAST(NULL AS TIMESTAMP), CAST(NULL AS STRING), CAST(NULL AS STRING),
    CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING)
  FROM restated WHERE {days}
),
followed AS (
  SELECT bars.*, market_days.session, market_days.session DIV 20 AS block,
    ROW_NUMBER() OVER (PARTITION BY security ORDER BY session) AS place,
    LAG(session) OVER (PARTITION BY security ORDER BY session) AS previous_session,
    LAG(unknown) OVER (PARTITION BY security ORDER BY session) AS previous_unknown,
    LAG(open) OVER (PARTITION BY security ORDER BY session) AS previous_open,
    LAG(high) OVER (PARTITION BY security ORDER BY session) AS previous_high,
    LAG(low) OVER (PARTITION BY security ORDER BY session) AS previous_low,
    LAG(close) OVER (PARTITION BY security ORDER BY session) AS previous_close,
    LAG(volume) OVER (PARTITION BY security ORDER BY session) AS previous_volume,
    LAG(close, 2) OVER (PARTITION BY security ORDER BY session) AS close_before,
    LEAD(session) OVER (PARTITION BY security ORDER BY session) AS next_session,
    LEAD(bars.market_date) OVER (PARTITION BY security ORDER BY session) AS next_date,
    LEAD(unknown) OVER (PARTITION BY security ORDER BY session) AS next_unknown,
    LEAD(close) OVER (PARTITION BY security ORDER BY session) AS next_close
  FROM bars
  JOIN market_days ON market_days.market_date = bars.market_date
  WHERE least(open, high, low, close) > 0
),
-- `changed_at` is where the latest bar before stood that was other than the one before it.
standing AS (
  SELECT *,
    max(CASE WHEN same THEN NULL ELSE place END) OVER (
      PARTITION BY security ORDER BY session ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS changed_at
  FROM (
    SELECT *, coalesce(open = previous_open AND high = previous_high AND low = previous_low AND close = previous_close
      AND volume <=> previous_volume, false) AS same
    FROM followed
  ) compared
),
said AS (
  SELECT standing.ticker, security, standing.market_date, session, block, place, changed_at, least_move, peg_low, peg_high, next_date,
    previous_open, previous_high, previous_low, previous_close, previous_volume, versions.corrected_at, versions.replaced_at,
    coalesce(CAST(versions.open AS DOUBLE) / scale, standing.open) AS open,
    coalesce(CAST(versions.high AS DOUBLE) / scale, standing.high) AS high,
    coalesce(CAST(versions.low AS DOUBLE) / scale, standing.low) AS low,
    coalesce(CAST(versions.close AS DOUBLE) / scale, standing.close) AS close,
    coalesce(CAST(versions.volume AS DOUBLE) * scale, standing.volume) AS volume,
    CASE WHEN session - previous_session BETWEEN 1 AND 20 AND unknown = previous_unknown THEN previous_close END AS base,
    CASE WHEN next_session = session + 1 AND next_unknown = unknown THEN next_close END AS undone,
    ln(previous_close / close_before) AS previous_return
  FROM (SELECT * FROM standing WHERE {days}) standing
  LEFT JOIN versions ON versions.ticker = standing.ticker AND versions.market_date = standing.market_date
),
moved AS (
  SELECT *,
    ln(close / base) AS log_return,
    ln(undone / close) AS next_return,
    greatest(ln(high / greatest(open, close)), ln(least(open, close) / low)) AS wick,
    ln(high / low) AS log_range,
    ln(nullif(volume, 0)) AS log_volume,
    CASE WHEN open = previous_open AND high = previous_high AND low = previous_low AND close = previous_close
      AND volume <=> previous_volume THEN place - changed_at + 1 END AS days_alike
  FROM said
),
-- The 39 market days before, the first of which has the close before it within the reach, are joined on blocks of 20: the window
-- of a day lies in its own block and the two before. A row that is made and left out, here and where the reasons are looked
-- at, costs less than WHERE on what it is made of: that Spark pushes below all these names, and then weighs each way to
-- spell it with them, which took a minute of planning.
suspects AS (
  SELECT * FROM (
    SELECT *, explode_outer(CASE WHEN least(open, high, low, close) > 0 AND (
      abs(log_return) >= least_move OR wick >= least_move OR abs(log_volume - ln(nullif(previous_volume, 0))) >= ln(10)
      OR days_alike >= 3 OR close < peg_low OR close > peg_high) THEN array(block, block - 1, block - 2) END) AS near
    FROM moved
  ) looked_at
  WHERE near IS NOT NULL
),
windows AS (
  SELECT any_value(facts) AS bar, count(held.variance) AS days,
    median(held.variance) AS usual_variance, median(held.log_range) AS usual_range, median(held.log_volume) AS usual_volume,
    collect_list(CASE WHEN held.variance IS NOT NULL THEN struct(at - held.session AS age, held.variance AS variance) END) AS variances,
    collect_list(held.log_range) AS ranges,
    collect_list(held.log_volume) AS volumes
  FROM (
    SELECT ticker, security, corrected_at, session AS at, near AS block, struct(suspects.*) AS facts FROM suspects
  ) asked
  LEFT JOIN (
    SELECT security, session, block, ln(high / low) AS log_range, ln(nullif(volume, 0)) AS log_volume,
      power(ln(open / previous_close), 2) + 0.5 * power(ln(high / low), 2) - (2 * ln(2) - 1) * power(ln(close / open), 2) AS variance
    FROM followed
  ) held
    ON held.security = asked.security AND held.block = asked.block AND held.session >= at - 39 AND held.session < at
  GROUP BY asked.ticker, at, asked.corrected_at
),
-- EWMA of range variance: a day counts 0.94 times the day after it, and is cut at 20 times the median.
expected AS (
  SELECT bar.*,
    CASE WHEN days >= 20 THEN sqrt(
      aggregate(transform(variances, each -> power(CAST(0.94 AS DOUBLE), each.age) * least(each.variance, 20 * usual_variance)),
        CAST(0 AS DOUBLE), (total, one) -> total + one)
      / aggregate(transform(variances, each -> power(CAST(0.94 AS DOUBLE), each.age)), CAST(0 AS DOUBLE), (total, one) -> total + one))
      END AS forecast,
    CASE WHEN days >= 20 THEN usual_range END AS usual_range,
    CASE WHEN size(volumes) >= 20 THEN usual_volume END AS usual_volume,
    array_sort(transform(ranges, each -> abs(each - usual_range))) AS off_range,
    array_sort(transform(volumes, each -> abs(each - usual_volume))) AS off_volume
  FROM windows
),
-- The middle of what the ranges and volumes of these days are off by.
judged AS (
  SELECT *,
    (get(off_range, CAST((size(off_range) - 1) DIV 2 AS INT)) + get(off_range, CAST(size(off_range) DIV 2 AS INT))) / 2 AS mad_range,
    (get(off_volume, CAST((size(off_volume) - 1) DIV 2 AS INT)) + get(off_volume, CAST(size(off_volume) DIV 2 AS INT))) / 2 AS mad_volume
  FROM expected
)

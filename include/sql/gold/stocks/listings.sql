-- Each time that a ticker is listed without interruption as one and the same security: what the reference data of all
-- market days says, put together. Computed whole, so that a record that was wrong and is corrected leaves no trace.
-- Key: ticker, valid_from
-- NULL: what the reference data does not say
CREATE TABLE IF NOT EXISTS {gold}.stocks_listings (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  valid_from DATE NOT NULL COMMENT 'First market day on which the reference data listed it',
  last_seen DATE NOT NULL COMMENT 'Last market day on which the reference data listed it',
  first_number INT NOT NULL COMMENT 'Number of valid_from among the market days with reference data, counted from 1',
  last_number INT NOT NULL COMMENT 'Number of last_seen among the market days with reference data, counted from 1',
  composite_figi STRING COMMENT 'Composite OpenFIGI identifier of the security, from whichever day of the listing has it',
  share_class_figi STRING COMMENT 'Share class OpenFIGI identifier, as last known',
  cik STRING COMMENT 'SEC central index key of the issuer, 10 digits, as last known',
  first_figi STRING COMMENT 'Composite FIGI, else share class FIGI, of its first market day; NULL where that has none',
  name STRING COMMENT 'Name of the security or its issuer, as last seen',
  type STRING NOT NULL COMMENT 'Kind of security, as last seen: share, depositary_receipt, preferred, fund, note, warrant, right, unit, bond, structured_product, basket, liquidating_trust, index or other',
  type_code STRING COMMENT 'The same as the source has it: a code such as CS for common stock; NULL where it says none',
  currency STRING COMMENT 'Currency that it trades in, ISO 4217 code',
  delisted_on DATE COMMENT 'Day on which it was delisted, NULL while it is listed'
) USING delta
COMMENT 'US stocks: every listing of a ticker, one row for each time that it began';

WITH days AS (
  SELECT market_date, CAST(ROW_NUMBER() OVER (ORDER BY market_date) AS INT) AS number
  FROM (SELECT DISTINCT market_date FROM {silver}.stocks_tickers WHERE active) known
),
tickers AS (
  SELECT ticker, market_date, active, nullif(composite_figi, '') AS composite_figi,
    nullif(share_class_figi, '') AS share_class_figi, nullif(cik, '') AS cik, name, type, currency,
    CASE WHEN NOT active THEN CAST(delisted_at AS DATE) END AS gone_on
  FROM {silver}.stocks_tickers
),
-- One row for what is said of a ticker, however many days say it: 14 million rows of five years become some 20,000. With
-- counts alone, which are cheap: what cannot be counted is read in a second look, at the few rows that matter.
records AS (
  SELECT ticker, active, composite_figi, share_class_figi, cik, gone_on, min(market_date) AS since,
    max(market_date) AS until, count(*) AS times
  FROM tickers
  GROUP BY ticker, active, composite_figi, share_class_figi, cik, gone_on
),
numbered AS (
  SELECT records.*, first_day.number AS first_number, last_day.number AS last_number,
    records.times = last_day.number - first_day.number + 1 AS is_whole
  FROM records
  LEFT JOIN days first_day ON first_day.market_date = records.since
  LEFT JOIN days last_day ON last_day.market_date = records.until
),
looked_up AS (
  SELECT numbered.*, tickers.market_date, tickers.name, tickers.type, tickers.currency
  FROM numbered
  JOIN tickers ON tickers.ticker = numbered.ticker AND tickers.active = numbered.active
    AND coalesce(tickers.composite_figi, '') = coalesce(numbered.composite_figi, '')
    AND coalesce(tickers.share_class_figi, '') = coalesce(numbered.share_class_figi, '')
    AND coalesce(tickers.cik, '') = coalesce(numbered.cik, '')
  WHERE numbered.active AND (tickers.market_date = numbered.until OR NOT numbered.is_whole)
),
listed AS (
  SELECT looked_up.ticker, looked_up.composite_figi, looked_up.share_class_figi, looked_up.cik,
    collect_list(CASE WHEN NOT is_whole THEN days.number END) AS numbers,
    max(CASE WHEN is_whole THEN first_number END) AS whole_from,
    max(CASE WHEN is_whole THEN last_number END) AS whole_until,
    max_by(struct(name, type, upper(currency) AS currency), days.number) AS latest
  FROM looked_up
  JOIN days ON days.market_date = looked_up.market_date
  GROUP BY looked_up.ticker, looked_up.composite_figi, looked_up.share_class_figi, looked_up.cik
),
said AS (
  SELECT ticker, composite_figi, share_class_figi, cik, numbers, whole_from, whole_until, latest,
    CAST(NULL AS DATE) AS gone_on
  FROM listed
  UNION ALL
  SELECT ticker, composite_figi, share_class_figi, cik, CAST(NULL AS ARRAY<INT>) AS numbers, NULL AS whole_from, NULL AS whole_until,
    CAST(NULL AS STRUCT<name: STRING, type: STRING, currency: STRING>) AS latest, gone_on
  FROM records
  WHERE NOT active AND gone_on IS NOT NULL
),
bounded AS (
  SELECT ticker, composite_figi, share_class_figi, cik, latest,
    CASE WHEN whole_from IS NULL THEN array_sort(array_except(numbers, transform(numbers, number -> number + 1)))
      ELSE array(whole_from) END AS begins,
    CASE WHEN whole_from IS NULL THEN array_sort(array_except(numbers, transform(numbers, number -> number - 1)))
      ELSE array(whole_until) END AS ends,
    collect_list(gone_on) OVER (PARTITION BY ticker, coalesce(composite_figi, share_class_figi, cik, ticker)) AS gone
  FROM said
),
stretches AS (
  SELECT apart.ticker, apart.composite_figi, apart.share_class_figi, apart.cik, apart.latest, apart.gone,
    apart.stretch.begins AS since, apart.stretch.ends AS until
  FROM (SELECT *, explode(arrays_zip(begins, ends)) AS stretch FROM bounded WHERE latest IS NOT NULL) apart
),
-- Of two records of a ticker on one day the one counts that was there before.
trimmed AS (
  SELECT *, greatest(since, coalesce(1 + max(until) OVER (
    PARTITION BY ticker ORDER BY since, composite_figi NULLS LAST, share_class_figi NULLS LAST, cik NULLS LAST
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), since)) AS begun
  FROM stretches
),
dated AS (
  SELECT trimmed.*, first_day.market_date AS first_day, last_day.market_date AS last_day
  FROM trimmed
  JOIN days first_day ON first_day.number = trimmed.begun
  JOIN days last_day ON last_day.number = trimmed.until
  WHERE trimmed.begun <= trimmed.until
),
followed AS (
  SELECT *,
    LAG(until) OVER (PARTITION BY ticker ORDER BY begun) AS until_before,
    LAG(last_day) OVER (PARTITION BY ticker ORDER BY begun) AS day_before,
    last(composite_figi, true) OVER (
      PARTITION BY ticker ORDER BY begun ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS figi_before,
    last(cik, true) OVER (
      PARTITION BY ticker ORDER BY begun ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS cik_before
  FROM dated
),
-- A listing ends where the ticker is delisted, or not in the lists of 20 market days: now and then they lack one that is
-- listed. An issuer is another one where its number is, unless the FIGI is the same.
parted AS (
  SELECT *, sum(CASE
      WHEN until_before IS NULL OR begun - until_before > 21 THEN 1
      WHEN begun - until_before > 1 AND exists(gone, day -> day > day_before AND day <= first_day) THEN 1
      WHEN cik <> cik_before AND coalesce(composite_figi <> figi_before, true) THEN 1
      ELSE 0 END) OVER (PARTITION BY ticker ORDER BY begun) AS part
  FROM followed
),
-- A FIGI that comes later continues the listing, another FIGI does not.
known AS (
  SELECT *,
    last(composite_figi, true) OVER (
      PARTITION BY ticker, part ORDER BY begun ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS known_figi,
    last(share_class_figi, true) OVER (
      PARTITION BY ticker, part ORDER BY begun ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS known_class
  FROM parted
),
identified AS (
  SELECT *, sum(CASE
      WHEN composite_figi <> known_figi THEN 1
      WHEN coalesce(composite_figi = known_figi, false) THEN 0
      WHEN share_class_figi <> known_class THEN 1
      ELSE 0 END) OVER (PARTITION BY ticker, part ORDER BY begun) AS turn
  FROM known
),
whole AS (
  SELECT ticker,
    min(first_day) AS valid_from,
    max(last_day) AS last_seen,
    min(begun) AS first_number,
    max(until) AS last_number,
    max(composite_figi) AS composite_figi,
    max_by(share_class_figi, CASE WHEN share_class_figi IS NOT NULL THEN begun END) AS share_class_figi,
    max_by(cik, CASE WHEN cik IS NOT NULL THEN begun END) AS cik,
    min_by(struct(coalesce(composite_figi, share_class_figi) AS figi), begun) AS first_record,
    max_by(latest, begun) AS latest,
    flatten(collect_list(gone)) AS gone
  FROM identified
  GROUP BY ticker, part, turn
),
coded AS (
  SELECT whole.*, whole.latest.type AS type_code,
    LEAD(whole.valid_from) OVER (PARTITION BY whole.ticker ORDER BY whole.valid_from) AS followed_on
  FROM whole
),
{include gold/type_words.sql}
SELECT
  worded.ticker,
  worded.valid_from,
  worded.last_seen,
  worded.first_number,
  worded.last_number,
  worded.composite_figi,
  worded.share_class_figi,
  worded.cik,
  worded.first_record.figi AS first_figi,
  worded.latest.name,
  coalesce(worded.word, 'other') AS type,
  worded.type_code,
  worded.latest.currency,
  array_max(filter(worded.gone, day -> day > worded.valid_from AND day <= coalesce(worded.followed_on, DATE'9999-12-31'))) AS delisted_on
FROM worded;

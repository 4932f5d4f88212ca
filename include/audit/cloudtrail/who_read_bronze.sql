-- sqlfluff:dialect:athena
-- Who read the source's answers in bronze, past Databricks: by role, dataset and day. The trail records each object of
-- the watched buckets. ? are, in order: bucket, first day and last day (2026/06/30).
SELECT
  reader,
  asset_class,
  dataset,
  day,
  count(*) AS times,
  sum(refused) AS refused
FROM (
  SELECT
    coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby) AS reader,
    split_part(json_extract_scalar(requestparameters, '$.key'), '/', 2) AS asset_class,
    split_part(json_extract_scalar(requestparameters, '$.key'), '/', 3) AS dataset,
    day,
    CASE WHEN errorcode IS NULL THEN 0 ELSE 1 END AS refused
  FROM cloudtrail
  WHERE eventsource = 's3.amazonaws.com'
    AND eventname = 'GetObject'
    AND json_extract_scalar(requestparameters, '$.bucketName') = ?
    AND day BETWEEN ? AND ?
) calls
GROUP BY reader, asset_class, dataset, day
ORDER BY day DESC, times DESC, reader, dataset;

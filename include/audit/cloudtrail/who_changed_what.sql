-- sqlfluff:dialect:athena
-- Who changed what in the account, and who tried and was refused; of objects only those that nobody of the platform writes.
-- ? are, in order: first day, last day (2026/06/30) and the roles of the platform that may write objects, a pattern of arns
-- such as %/prod-%.
SELECT
  eventtime,
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby) AS who,
  eventsource,
  eventname,
  coalesce(
    json_extract_scalar(requestparameters, '$.bucketName'),
    json_extract_scalar(requestparameters, '$.roleName'),
    json_extract_scalar(requestparameters, '$.keyId'),
    json_extract_scalar(requestparameters, '$.secretId'),
    json_extract_scalar(requestparameters, '$.name'),
    ''
  ) AS what,
  coalesce(json_extract_scalar(requestparameters, '$.key'), '') AS object_key,
  coalesce(errorcode, '') AS refusal,
  sourceipaddress
FROM cloudtrail
WHERE readonly = 'false'
  AND day BETWEEN ? AND ?
  AND (
    eventcategory = 'Management'
    OR NOT coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, '') LIKE ?
  )
ORDER BY eventtime DESC, who, eventname;

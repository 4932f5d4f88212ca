-- sqlfluff:dialect:athena
-- The account's trail as a table of Athena: run once in the workgroup, with the bucket, the account and the region in the
-- place of the words in capitals. Partitions are computed, none has to be added.
CREATE EXTERNAL TABLE IF NOT EXISTS cloudtrail (
  eventversion STRING,
  useridentity STRUCT<
    type: STRING, principalid: STRING, arn: STRING, accountid: STRING, invokedby: STRING,
    sessioncontext: STRUCT<sessionissuer: STRUCT<type: STRING, principalid: STRING, arn: STRING, username: STRING>>
  >,
  eventtime STRING,
  eventsource STRING,
  eventname STRING,
  awsregion STRING,
  sourceipaddress STRING,
  useragent STRING,
  errorcode STRING,
  errormessage STRING,
  requestparameters STRING,
  responseelements STRING,
  additionaleventdata STRING,
  readonly STRING,
  resources ARRAY<STRUCT<arn: STRING, accountid: STRING, type: STRING>>,
  eventcategory STRING,
  recipientaccountid STRING
)
PARTITIONED BY (day STRING)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://TRAIL_BUCKET/AWSLogs/ACCOUNT/CloudTrail/REGION/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy/MM/dd',
  'projection.day.range' = '2024/01/01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://TRAIL_BUCKET/AWSLogs/ACCOUNT/CloudTrail/REGION/${day}/'
);

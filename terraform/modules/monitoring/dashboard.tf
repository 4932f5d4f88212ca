locals {
  # What each market day's last task sends; SEARCH finds the datasets, so that a new one needs no new graph.
  days = { for title, metric in {
    "Rows landed a day"                      = { name = "LandedRows", stat = "Sum", parts = true }
    "How late a market day ends, s"          = { name = "Lateness", stat = "Maximum", parts = false }
    "Waiting for the API plan's rate, s"     = { name = "RateLimitWait", stat = "Sum", parts = true }
    "Databricks time of a market day, s"     = { name = "DatabricksTime", stat = "Sum", parts = true }
    "Market days that ended with a red task" = { name = "Incomplete", stat = "Sum", parts = false }
    } : title => {
    expression = "SEARCH('{Anthill,AssetClass${metric.parts ? ",Part" : ""}} MetricName=\"${metric.name}\"', '${metric.stat}', 86400)"
  } }

  graphs = [
    { title = "Tasks an hour", stat = "Sum", period = 3600, metrics = [
      ["AmazonMWAA", "TaskInstanceSuccesses", "DAG", "All", "Task", "All", "Environment", var.mwaa_name],
      ["AmazonMWAA", "TaskInstanceFailures", "DAG", "All", "Task", "All", "Environment", var.mwaa_name],
    ] },
    { title = "Queued and running tasks", stat = "Maximum", period = 300, metrics = [
      ["AmazonMWAA", "QueuedTasks", "Function", "Executor", "Environment", var.mwaa_name],
      ["AmazonMWAA", "RunningTasks", "Function", "Executor", "Environment", var.mwaa_name],
    ] },
    { title = "Memory of workers and scheduler, %", stat = "Average", period = 300, metrics = [
      ["AWS/MWAA", "MemoryUtilization", "Cluster", "BaseWorker", "Environment", var.mwaa_name],
      ["AWS/MWAA", "MemoryUtilization", "Cluster", "Scheduler", "Environment", var.mwaa_name],
    ] },
    { title = "Objects landed a day", stat = "Sum", period = 86400, metrics = [
      ["AWS/S3", "PutRequests", "BucketName", var.bronze_bucket, "FilterId", "all"],
    ] },
    { title = "Errors of bronze", stat = "Sum", period = 300, metrics = [
      ["AWS/S3", "4xxErrors", "BucketName", var.bronze_bucket, "FilterId", "all"],
      ["AWS/S3", "5xxErrors", "BucketName", var.bronze_bucket, "FilterId", "all"],
    ] },
    { title = "Bytes in bronze", stat = "Average", period = 86400, metrics = [
      ["AWS/S3", "BucketSizeBytes", "BucketName", var.bronze_bucket, "StorageType", "StandardStorage"],
      ["AWS/S3", "BucketSizeBytes", "BucketName", var.bronze_bucket, "StorageType", "StandardIAStorage"],
    ] },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm", x = 0, y = 0, width = 24, height = 3
        properties = { title = "Alarms", alarms = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn] }
      }],
      [for i, graph in local.graphs : {
        type = "metric", x = (i % 2) * 12, y = 3 + floor(i / 2) * 6, width = 12, height = 6
        properties = {
          title   = graph.title, stat = graph.stat, period = graph.period, region = var.region, view = "timeSeries"
          metrics = graph.metrics
        }
      }],
      [for i, title in keys(local.days) : {
        type = "metric", x = (i % 2) * 12, y = 3 + (ceil(length(local.graphs) / 2) + floor(i / 2)) * 6, width = 12, height = 6
        properties = {
          title   = title, period = 86400, region = var.region, view = "timeSeries"
          metrics = [[{ expression = local.days[title].expression }]]
        }
      }],
    )
  })
}

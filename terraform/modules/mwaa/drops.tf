# Files that people drop: a task lists their versions, reads one, and answers; the watcher takes the messages that ring.
variable "drop" {
  description = "Bucket of dropped files, and the ARN of the queue that tells of them. Null: none."
  type        = object({ bucket = string, queue_arn = string })
  default     = null

  validation {
    condition     = var.drop == null ? true : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.drop.bucket)) && var.drop.bucket != var.bronze.bucket
    error_message = "drop.bucket must be a bucket name other than bronze's: 3 to 63 lower-case letters, digits and hyphens."
  }
  validation {
    condition     = var.drop == null ? true : can(regex("^arn:[a-z-]+:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.drop.queue_arn))
    error_message = "drop.queue_arn must be the ARN of an SQS queue, such as arn:aws:sqs:<region>:<account>:<name>."
  }
}

locals {
  drops = flatten([for drop in var.drop == null ? [] : [var.drop] : [
    {
      Sid      = "DropLists"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"]
      Resource = ["arn:aws:s3:::${drop.bucket}"]
    },
    {
      Sid      = "Dropped"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource = ["arn:aws:s3:::${drop.bucket}/input/*"]
    },
    {
      Sid      = "DropClaims"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["arn:aws:s3:::${drop.bucket}/claims/*"]
    },
    {
      Sid      = "DropAnswers"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["arn:aws:s3:::${drop.bucket}/output/*"]
    },
    {
      Sid      = "DropBell"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
      Resource = [drop.queue_arn]
    },
  ]])
}

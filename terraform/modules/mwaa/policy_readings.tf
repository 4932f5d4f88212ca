# The DAG governance tells who may read the data buckets past Unity Catalog: from policies alone, where it is asked to.
variable "iam_read_buckets" {
  description = "Buckets of which the DAG governance reads by which policies anybody may read them. Empty: it reads no policy of the account."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for bucket in var.iam_read_buckets : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", bucket))])
    error_message = "iam_read_buckets must be names of buckets: 3 to 63 lower-case letters, digits and hyphens."
  }
}

locals {
  policy_readings = flatten([for buckets in length(var.iam_read_buckets) == 0 ? [] : [sort(var.iam_read_buckets)] : [
    {
      # IAM knows no smaller part of this.
      Sid      = "Policies"
      Effect   = "Allow"
      Action   = ["iam:GetAccountAuthorizationDetails"]
      Resource = ["*"]
    },
    {
      Sid      = "BucketPolicies"
      Effect   = "Allow"
      Action   = ["s3:GetBucketPolicy"]
      Resource = [for bucket in buckets : "arn:aws:s3:::${bucket}"]
    },
  ]])
}

# Who drops files: a role an owner of datasets, for the folders of these alone. It puts and reads below input/, reads below
# output/, deletes nothing, and lists no other's folder.
locals {
  people = { for owner, given in var.people : owner => [
    {
      Sid    = "Drop"
      Effect = "Allow"
      # Reading back what was put tells an upload that broke where to go on.
      Action   = ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      Resource = [for folder in sort(given.folders) : "${local.bucket_arn}/input/${folder}*"]
    },
    {
      Sid      = "Answers"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for folder in sort(given.folders) : "${local.bucket_arn}/output/${folder}*"]
    },
    {
      Sid       = "Lists"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [local.bucket_arn]
      Condition = { StringLike = { "s3:prefix" = flatten([for folder in sort(given.folders) : ["input/${folder}*", "output/${folder}*"]]) } }
    },
    {
      # A console asks for these before it shows a folder. Uploads that broke are listed to who goes on with one: S3 knows no
      # smaller part, and tells names alone.
      Sid      = "Bucket"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucketMultipartUploads"]
      Resource = [local.bucket_arn]
    },
    {
      Sid      = "Key"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource = [var.kms_key_arn]
      # The lake's key, for this bucket alone: S3 tells KMS the bucket, which has a key of its own.
      Condition = { StringEquals = {
        "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
        "kms:EncryptionContext:aws:s3:arn" = local.bucket_arn
      } }
    },
  ] }

  people_json = { for owner, statements in local.people : owner => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

resource "aws_iam_role" "people" {
  # checkov:skip=CKV_AWS_61: the account trusts itself, and the condition lets in those alone whom an environment names
  for_each             = var.people
  name                 = "${local.bucket}-${each.key}"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
      Action    = "sts:AssumeRole"
      Condition = { ArnLike = { "aws:PrincipalArn" = sort(each.value.principals) } }
    }]
  })
}

resource "aws_iam_role_policy" "people" {
  for_each = var.people
  name     = "drop"
  role     = aws_iam_role.people[each.key].id
  policy   = local.people_json[each.key]
}

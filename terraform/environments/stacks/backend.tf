# Bucket, region and key come from -backend-config: ../../state.tfbackend (the account's) and key.tfbackend (this root's).
terraform {
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

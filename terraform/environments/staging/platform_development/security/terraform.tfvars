repository        = "anthill/anthill"
state_bucket      = "anthill-staging-terraform-state"
state_kms_key_arn = "arn:aws:kms:us-east-1:222222222222:key/00000000-0000-4000-8000-000000000000"

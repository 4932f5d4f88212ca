"""A real `terraform apply` of the AWS half of an environment, against an AWS emulator on this machine."""

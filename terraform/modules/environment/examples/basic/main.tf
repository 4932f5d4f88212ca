module "environment" {
  source = "../.."

  environment         = "dev"
  region              = "us-east-1"
  account_id          = "111111111111"
  name_prefix         = "anthill"
  cost_centre         = "market-data"
  deletion_protection = false
  team                = "platform_development"
}

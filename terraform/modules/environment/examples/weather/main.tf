# Other environments than dev, staging and prod, and another that is always protected.
module "environment" {
  source = "../.."

  environment            = "live"
  protected_environments = ["live"]
  project                = "weather"
  region                 = "eu-central-1"
  account_id             = "222222222222"
  name_prefix            = "weather"
  cost_centre            = "forecasts"
  deletion_protection    = true
  team                   = "platform_development"
}

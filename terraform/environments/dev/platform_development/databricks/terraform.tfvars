databricks_account_id = "00000000-0000-4000-8000-000000000000"
admin_group_id        = 1001
user_group_ids = {
  analysts        = 1002
  data_engineers  = 1003
  data_scientists = 1004
}
pricing_tier = "PREMIUM"

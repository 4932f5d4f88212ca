databricks_account_id = "00000000-0000-4000-8000-000000000000"
# The region has one metastore; dev made it.
metastore_id   = "00000000-0000-4000-8000-000000000001"
admin_group_id = 1001
user_group_ids = {
  analysts        = 1002
  data_engineers  = 1003
  data_scientists = 1004
}
pricing_tier = "ENTERPRISE"
private_link = {
  workspace_service = "com.amazonaws.vpce.us-east-1.vpce-svc-09143d1e626de2f04"
  relay_service     = "com.amazonaws.vpce.us-east-1.vpce-svc-00018a8c3ff62ffdf"
}

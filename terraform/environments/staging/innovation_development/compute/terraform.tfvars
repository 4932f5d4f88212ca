repository   = "anthill/anthill"
token_issuer = "https://00000000-0000-4000-8000-000000000002.tokens.sts.global.api.aws"
warehouse = {
  size         = "2X-Small"
  max_clusters = 1
  stop_minutes = 5
}
cluster_policies = {
  engineering = {
    node_types  = ["m6gd.large", "m6gd.xlarge"]
    max_workers = 2
    max_dbus    = 4
    user_group  = "data_engineers"
  }
  science = {
    node_types  = ["r6gd.large", "r6gd.xlarge"]
    max_workers = 2
    max_dbus    = 4
    user_group  = "data_scientists"
  }
}

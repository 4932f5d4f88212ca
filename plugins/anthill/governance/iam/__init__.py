"""Who may read the data buckets by IAM: read from the account, and compared with who is declared to."""

variable "group_privileges" {
  description = "Privileges on the catalog by account group."
  type        = map(list(string))
}

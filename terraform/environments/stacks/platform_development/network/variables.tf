variable "zones" {
  description = "Availability zones, three as a rule."
  type        = list(string)
}

variable "cidr" {
  description = "Address range of the VPC."
  type        = string
}

variable "subnets" {
  description = "A range a zone for each kind of subnet."
  type = object({
    private    = list(string)
    databricks = list(string)
    public     = list(string)
  })
}

variable "egress" {
  description = "The way out: nat_single, nat_per_zone or endpoints."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which flow logs are kept."
  type        = number
}

locals {
  team = "innovation_development"
}

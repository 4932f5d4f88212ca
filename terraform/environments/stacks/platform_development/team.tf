locals {
  team = "platform_development"
}

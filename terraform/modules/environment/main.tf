# No resources: what every stack of an environment has in common, so that it is said once.
locals {
  # Every name starts with this, every resource carries these.
  name = "${var.name_prefix}-${var.environment}"
  tags = {
    project     = var.project
    environment = var.environment
    team        = var.team
    cost-centre = var.cost_centre
    data-class  = "operational"
    managed-by  = "terraform"
  }
}

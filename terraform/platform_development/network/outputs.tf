output "nat_addresses" {
  description = "Public addresses that traffic leaves from."
  value       = module.networking.nat_addresses
}

"""What is published about listed companies beside their prices: short sales, statements, ratios."""

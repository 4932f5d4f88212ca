"""Options: chains of contracts on the market's underlyings, their prices, and the endpoints that serve them."""

"""The simulated US stock market: who is listed, what prices do, what the script has happen; and the indices over it."""

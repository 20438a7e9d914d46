"""Where the city's series come from: the ledger, the payments and the cases of a delivery."""

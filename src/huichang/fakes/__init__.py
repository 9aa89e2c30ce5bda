"""Local servers that speak the protocols of providers, for the demo and the tests. Nothing else may need them."""

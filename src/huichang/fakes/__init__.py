"""Local servers that speak the protocols of providers, for the demo and the tests; they deliver into an inbox.

They share no code with `huichang.channels`: a signature is checked by somebody else than who made it.
"""

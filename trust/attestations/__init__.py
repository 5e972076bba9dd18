"""In-toto statements that were signed: what they say, about which bytes, and whether their signer agrees."""

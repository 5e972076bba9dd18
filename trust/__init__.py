"""What provenly believes and why: the vocabulary of a verification and, later, its cryptography.

Nothing in this package does input or output and nothing reads a clock: bytes and ``now`` come in as arguments.
Every other package of provenly may import this one; this one imports none of them.
"""

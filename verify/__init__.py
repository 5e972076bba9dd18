"""Looking: the registry, the archive, the repository, and what each check sees in them.

Nothing here judges: the result is evidence. The network is reached through :mod:`provenly.verify.transport` only and
git through :mod:`provenly.verify.git` only.
"""

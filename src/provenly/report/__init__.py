"""Reports: pure functions from a :class:`provenly.trust.verdict.Report` to text."""

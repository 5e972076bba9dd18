"""Verification summaries (VSA): signing what was decided, and accepting what a trusted verifier decided."""

"""Deciding: policies as data, and the one function that turns evidence into a verdict. Nothing here looks."""

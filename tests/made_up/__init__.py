"""Races made up for tests; no row of a provider's file stands in the project."""

"""Calls against what they were worth: rain, whole races replayed, neutralisations."""

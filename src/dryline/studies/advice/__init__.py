"""Calls against what they were worth: rain, dry stops, neutralisations."""

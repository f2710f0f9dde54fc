"""Assetto Corsa Competizione: the results (JSON) that its server writes."""

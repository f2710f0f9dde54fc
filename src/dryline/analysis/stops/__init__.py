"""Stops as they were and as they may come: service, loss, range, the chance of the next."""

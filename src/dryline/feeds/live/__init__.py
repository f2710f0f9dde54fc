"""Feeds that go on: bytes as they arrive, and what they say."""

"""The rain gauge: how wet each sector is, who is on which tyre, which tyre is faster."""

"""``dryline bench``: one frozen protocol by which any program's forecasts can be scored."""

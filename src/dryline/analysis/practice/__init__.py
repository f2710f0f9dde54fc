"""Sessions that the best lap decides, measured: laps, runs, programmes, segments."""

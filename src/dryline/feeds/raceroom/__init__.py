"""RaceRoom: the results (JSON) of its dedicated server."""

"""rFactor 2 and Le Mans Ultimate: the results log (XML) of a session."""

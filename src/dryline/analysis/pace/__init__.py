"""How fast everyone really is, and which laps say so."""

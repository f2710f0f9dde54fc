"""Rich renderables for people at a terminal: built here, printed by the apps."""

"""One session: a clock, feeds, the state they tell, and the journal of it all."""

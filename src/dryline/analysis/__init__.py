"""A race measured: what the laps say, before any rule or model is asked."""

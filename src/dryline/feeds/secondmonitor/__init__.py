"""SecondMonitor: the session summaries (JSON) that it keeps of Automobilista 2 and others."""

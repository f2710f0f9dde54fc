"""RMonitor: the lines of text that club timing sends, with IMSA's and the relays' additions."""

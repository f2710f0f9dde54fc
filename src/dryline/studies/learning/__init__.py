"""What races teach, fitted anew: stops, company, and the statistical forecast."""

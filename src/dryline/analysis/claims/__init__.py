"""What can be said of a race, each claim with the rows on which it rests."""

"""Who is at the wheel, who will be, and what that is worth."""

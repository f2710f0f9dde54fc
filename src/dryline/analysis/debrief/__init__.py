"""Where one car's time went against another's."""

"""What races teach, fitted anew and written as small files."""

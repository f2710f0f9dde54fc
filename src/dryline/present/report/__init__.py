"""A race told on paper: sentences from claims, and the page and the Markdown that hold them."""

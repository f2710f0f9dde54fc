"""The pit wall's server: the page, its events, the JSON API and the feed over WebSocket."""

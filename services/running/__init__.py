"""Running Heed: the web server, and the little supervisor behind `heed up`."""

"""Pages of covenants: the host's desk, residents, everybody."""

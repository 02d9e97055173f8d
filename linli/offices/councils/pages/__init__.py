"""Pages of the council: the host's desk, the sitting, residents, everybody."""

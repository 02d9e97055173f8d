"""What Linli costs, measured beside what the database alone would cost. ``python -m bench``; see README.md."""

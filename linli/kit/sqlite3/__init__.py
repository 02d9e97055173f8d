"""SQLite as Linli uses it: writers stand in line (`line`) instead of looking now and then whether they may (`base`)."""

"""``linli backup`` and ``linli restore``: the whole state in one file, from either database to either.

A backup is a ZIP of one JSON-lines member a table, a TAR of the stored pictures, and a manifest. People may go on
writing meanwhile: everything is read in one snapshot of the database. What is not inside, on purpose: keys and other
secrets (they come from the environment), sign-in sessions, sign-in codes and rate counters (they are minutes old or
worthless elsewhere).
"""

from linli.config.backup.restoring import restore
from linli.config.backup.writing import backup

__all__ = ["backup", "restore"]

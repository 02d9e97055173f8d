"""What ``linli serve`` has done before it listens: static files collected, and the tables those of this version."""

from __future__ import annotations

import sys

from linli.config.commands import Told, note
from linli.config.commands.starting import start_django, told


def main() -> int:
    try:
        start_django()
        from linli.config.commands.fitting import must_fit
        from linli.config.commands.statics import collect

        must_fit()
        collect()
    except Exception as error:
        words = str(error) if isinstance(error, Told) else told(error)
        if words is None:
            raise
        note(words)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

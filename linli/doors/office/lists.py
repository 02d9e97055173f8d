"""The office's lists are the kit's: in the order of a unique key, and as CSV."""

from linli.kit.lists import LIMIT, as_csv, keyed, param, tabs

__all__ = ["LIMIT", "as_csv", "keyed", "param", "tabs"]

from tests.decisions.conftest import votes

__all__ = ["votes"]

"""A call without numbers: a provider rings both sides, and neither sees the other's.

The bridge itself is a provider's. Where none is set up, ``current()`` is ``NoBridge``: pages offer only a call back,
which needs nobody but ourselves. A channel registers its own with ``use`` when the process starts.
"""

from __future__ import annotations

from typing import Protocol


class BridgeError(Exception):
    """The provider did not take the call; its words stay in the log, for they may quote a number."""


class CallBridge(Protocol):
    """Connects two numbers. ``ready`` says whether calls can be offered at all."""

    code: str
    ready: bool

    def connect(self, *, district_id: int, caller: str, callee: str, key: str) -> None:
        """Ring ``caller``, then ``callee``; the same ``key`` twice is one call. Raises BridgeError."""


class NoBridge:
    """No provider: nothing is offered, nothing is rung."""

    code = ""
    ready = False

    def connect(self, *, district_id: int, caller: str, callee: str, key: str) -> None:
        raise BridgeError("no bridge is set up")


_current: CallBridge = NoBridge()


def use(bridge: CallBridge | None) -> None:
    """From now on calls go over this one; None takes it away."""
    global _current
    _current = bridge or NoBridge()


def current() -> CallBridge:
    """The bridge in use."""
    return _current

"""The ledger's proof: sealing it, verifying it, erasing lawfully, and what the notice board prints of it."""

# First of all: ``erasing`` is an action that leans on others, and ``actions`` may offer it among its own. Whichever of
# the two is asked for first, the other actions are there before it.
import linli.core.matters.actions  # noqa: F401

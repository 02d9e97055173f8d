"""The council 议事厅: what is said about a topic, who speaks in which order, what was said against what was settled."""

from linli.offices.councils.models.opinions import Opinion
from linli.offices.councils.models.topics import Dissent, Support, Turn, Verdict

__all__ = ["Dissent", "Opinion", "Support", "Turn", "Verdict"]

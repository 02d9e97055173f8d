"""历史: the books of an older system, read in through a mapping file and given back as they were."""

from linli.channels.history.importing import import_history
from linli.channels.history.mapping import MapError, read_map
from linli.channels.history.report import HistoryReport
from linli.channels.history.sending import export_history

__all__ = ["HistoryReport", "MapError", "export_history", "import_history", "read_map"]

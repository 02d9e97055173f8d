"""Official papers 公文: one model of a document, read by two writers (docx, PDF), in the layout of GB/T 9704-2012."""

from linli.kit.papers.model import (
    Article,
    Block,
    Document,
    Heading,
    Labelled,
    Note,
    Para,
    Part,
    Table,
    day,
    numbered,
)
from linli.kit.papers.reading import blocks, document

__all__ = [
    "Article",
    "Block",
    "Document",
    "Heading",
    "Labelled",
    "Note",
    "Para",
    "Part",
    "Table",
    "blocks",
    "day",
    "document",
    "numbered",
]  # fmt: skip

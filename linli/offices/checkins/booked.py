"""The records of this room: services as they were answered, and what was certified to a unit.

Hours are what somebody is thanked for; a summary is a paper with a code that anybody can check.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.core.matters import records
from linli.core.matters.records import Book, Rows, columns
from linli.offices.checkins.models import Service, ServiceState, Summary

SERVICE, SUMMARY = "service", "summary"
_SERVICE: Final = (
    "checkin_id", "item_id", "what", "on", "started_at", "ended_at", "minutes", "state", "recorded_by", "certified_by",
    "certifier", "answered_at", "reason",
)  # fmt: skip
_SUMMARY: Final = ("organisation_id", "place_id", "since", "until", "code", "figures", "made_by", "at")


def register() -> None:
    records.book(Book(SERVICE, _("双报到的服务"), _answered, _named, _served, late=True))
    records.book(Book(SUMMARY, _("给单位的情况"), Summary.objects.all, lambda row: str(row.code), _said, late=True))


def _answered() -> QuerySet[Service]:
    """Before somebody of the community has answered, a service is its member's own affair."""
    rows = Service.objects.filter(state__in=[ServiceState.CERTIFIED, ServiceState.REFUSED])
    return rows.select_related("checkin__place")


def _named(row: Service) -> str:
    """By the day and the place: whose it is stands in the room alone."""
    return f"{row.checkin.place.code} {row.on}"


def _served(rows: Rows) -> list[Any]:
    return [{**columns(row, *_SERVICE), "person": str(row.checkin.person_id)} for row in rows]


def _said(rows: Rows) -> list[Any]:
    return [columns(row, *_SUMMARY) for row in rows]

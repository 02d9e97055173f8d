"""Addresses of the calendar, its feeds, the rooms, and what comes back."""

from __future__ import annotations

from django.urls import path

from linli.offices.gatherings import calendars, feeds, keeping, slips

app_name = "sittings"
urlpatterns = [
    path("desk/calendar/", calendars.desk, name="desk"),
    path("desk/calendar/export.csv", calendars.export, name="export"),
    path("desk/calendar/series/", keeping.series, name="series"),
    path("desk/calendar/series/new/", keeping.start, name="start"),
    path("desk/calendar/series/<uuid:series_id>/stop/", keeping.stop, name="stop"),
    path("desk/rooms/", keeping.rooms, name="rooms"),
    path("desk/rooms/new/", keeping.new, name="room-new"),
    path("desk/rooms/<str:code>/", keeping.room, name="room"),
    path("desk/rooms/<str:code>/edit/", keeping.edit, name="room-edit"),
    path("desk/rooms/<str:code>/book/", keeping.book, name="book"),
    path("calendar/", calendars.mine, name="mine"),
    path("calendar/feed/", feeds.own, name="feed"),
    path("calendar/feed/<str:token>.ics", feeds.personal, name="personal"),
    path("calendar/slip/", slips.slip, name="slip"),
    path("open/calendar/", calendars.public, name="public"),
    path("open/calendar.ics", feeds.public, name="ics"),
]

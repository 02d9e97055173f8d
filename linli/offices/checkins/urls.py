"""Addresses of the double check-in, in four workspaces."""

from __future__ import annotations

from django.urls import path

from linli.offices.checkins import own, pages

app_name = "checkins"
urlpatterns = [
    path("desk/checkins/", pages.board, name="board"),
    path("desk/checkins/export.csv", pages.export, name="export"),
    path("desk/checkins/p/<str:code>/", pages.one, name="one"),
    path("desk/checkins/p/<str:code>/sign/", pages.sign, name="sign"),
    path("desk/checkins/p/<str:code>/items/new/", pages.item_new, name="item-new"),
    path("desk/checkins/p/<str:code>/record/", pages.record, name="record"),
    path("desk/checkins/p/<str:code>/summary/", pages.sum_up, name="sum-up"),
    path("desk/checkins/items/<uuid:item_id>/close/", pages.item_close, name="item-close"),
    path("desk/checkins/services/<uuid:service_id>/", pages.certify, name="certify"),
    path("desk/checkins/units/new/", pages.unit_new, name="unit-new"),
    path("desk/checkins/units/<uuid:report_id>/", pages.unit_answer, name="unit-answer"),
    path("desk/checkins/summaries/<uuid:summary_id>/", pages.summary, name="summary"),
    path("field/checkins/", pages.field, name="field"),
    path("checkin/", own.mine, name="mine"),
    path("checkin/c/<str:code>/", own.arrive, name="arrive"),
    path("checkin/items/<uuid:item_id>/", own.choose, name="choose"),
    path("checkin/services/<uuid:service_id>/<slug:name>/", own.act, name="act"),
    path("checkin/<uuid:checkin_id>/leave/", own.leave, name="leave"),
    path("open/checkins/", own.public, name="public"),
    path("open/checkins/v/<str:code>/", own.verify, name="verify"),
]

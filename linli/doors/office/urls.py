"""Every address of the office."""

from __future__ import annotations

from django.urls import path

from linli.doors.office import (
    accounts,
    bodies,
    committees,
    drawing,
    kinds,
    nav,
    pages,
    placeacts,
    places,
    policies,
    posts,
    rules,
    switches,
    tiling,
    transfer,
)

app_name = "office"
nav.register()

urlpatterns = [
    path("", pages.home, name="home"),
    path("history/", pages.history, name="history"),
    # 地
    path("places/", places.listing, name="places"),
    path("places/<uuid:place_id>/", places.one, name="place"),
    path("places/<uuid:place_id>/map.geojson", places.map_of, name="place-map"),
    path("places/<uuid:place_id>/around.geojson", places.around, name="around"),
    path("places/<uuid:place_id>/rename/", placeacts.rename, name="rename"),
    path("places/<uuid:place_id>/draw/", drawing.draw, name="draw"),
    path("places/<uuid:place_id>/draw/check/", drawing.check, name="draw-check"),
    path("places/<uuid:place_id>/split/", drawing.split, name="split"),
    path("places/<uuid:place_id>/merge/", placeacts.merge, name="merge"),
    path("places/<uuid:place_id>/move/", placeacts.move, name="move"),
    path("places/<uuid:place_id>/end/", placeacts.end, name="end"),
    path("tiling/", tiling.page, name="tiling"),
    path("tiling/map.geojson", tiling.findings, name="tiling-map"),
    path("transfer/", transfer.page, name="transfer"),
    path("transfer/<slug:kind>/sample.csv", transfer.sample, name="sample"),
    path("transfer/<slug:kind>/export/<slug:form>/", transfer.export, name="export"),
    # 岗
    path("organisations/", bodies.listing, name="bodies"),
    path("organisations/export.csv", bodies.export, name="bodies-csv"),
    path("organisations/new/", bodies.new, name="body-new"),
    path("organisations/<uuid:body_id>/", bodies.one, name="body"),
    path("organisations/<uuid:body_id>/rename/", bodies.rename, name="body-rename"),
    path("organisations/<uuid:body_id>/end/", bodies.end, name="body-end"),
    path("posts/", posts.listing, name="posts"),
    path("posts/export.csv", posts.export, name="posts-csv"),
    path("posts/new/", posts.give, name="post-new"),
    path("posts/<uuid:post_id>/end/", posts.end, name="post-end"),
    path("committees/", committees.listing, name="committees"),
    path("committees/new/", committees.register, name="committee-new"),
    path("accounts/", accounts.listing, name="accounts"),
    path("accounts/new/", accounts.find, name="account-find"),
    path("accounts/new/<uuid:person_id>/", accounts.new, name="account-new"),
    path("accounts/<uuid:user_id>/password/", accounts.reset, name="account-reset"),
    path("accounts/<uuid:user_id>/switch/", accounts.switch, name="account-switch"),
    # 事
    path("kinds/", kinds.kinds, name="kinds"),
    path("kinds/new/", kinds.new_kind, name="kind-new"),
    path("kinds/<uuid:row_id>/", kinds.kind, name="kind"),
    path("kinds/categories/", kinds.categories, name="categories"),
    path("kinds/categories/new/", kinds.new_category, name="category-new"),
    path("kinds/categories/<uuid:row_id>/", kinds.category, name="category"),
    path("kinds/causes/", kinds.causes, name="causes"),
    path("kinds/causes/new/", kinds.new_cause, name="cause-new"),
    path("kinds/causes/<uuid:row_id>/", kinds.cause, name="cause"),
    path("policies/", policies.listing, name="policies"),
    path("policies/new/", policies.new, name="policy-new"),
    path("policies/<uuid:policy_id>/", policies.one, name="policy"),
    path("policies/<uuid:policy_id>/end/", policies.end, name="policy-end"),
    path("rules/", rules.listing, name="rules"),
    path("rules/new/", rules.new, name="rule-new"),
    path("rules/<uuid:rule_id>/", rules.one, name="rule"),
    path("rules/<uuid:rule_id>/move/", rules.move, name="rule-move"),
    path("switches/", switches.page, name="switches"),
    path("switches/edit/", switches.switches, name="switches-edit"),
    path("switches/channels/new/", switches.channel, name="channel-new"),
    path("switches/channels/<slug:code>/", switches.channel, name="channel"),
    path("switches/team/", switches.team, name="team"),
]

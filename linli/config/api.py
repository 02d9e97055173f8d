"""The HTTP API under ``/api/v1``: rooms bring their routers, the kit brings the manners."""

from __future__ import annotations

from ninja import NinjaAPI

from linli.core.matters.api import router as matters
from linli.core.matters.api_admissions import router as admissions
from linli.core.matters.api_stats import router as stats
from linli.core.people.api import router as people
from linli.core.places.api import router as places
from linli.kit.api import Renderer, install_manners

api = NinjaAPI(
    title="邻理 Linli", version="1", urls_namespace="api-v1", renderer=Renderer(), docs_url=None,
    description="What outside programs rely on. Times are RFC 3339 with offset, coordinates WGS 84.",
)  # fmt: skip
install_manners(api)
for router in (people, places, matters, admissions, stats):
    api.add_router("", router)

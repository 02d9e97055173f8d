"""The public ledger and everything else below ``/open/``."""

from __future__ import annotations

from tests.permissions.rows import Page
from tests.permissions.verdicts import always, everybody

PAGES: tuple[Page, ...] = (
    # the public ledger
    Page("open/", everybody),
    Page("open/ledger.csv", everybody),
    Page("open/m/<str:number>/", everybody),
    Page("open/figures/", everybody),
    Page("open/ledger.json", everybody, few=True),
    Page("open/figures.json", everybody, few=True),
    Page("open/figures.csv", everybody, few=True),
    Page("open/formula/", everybody),
    Page("open/formula/exclusions/", everybody),
    Page("open/exclusions.json", everybody, few=True),
    Page("open/formula/objections/", everybody),
    Page("open/objections.json", everybody, few=True),
    Page("open/formula/data/", everybody),
    Page("open/roster/", everybody),
    Page("open/roots/", everybody),
    Page("open/roots/<str:day>/", everybody),
    Page("open/how/", everybody),
    Page("open/bulletins/", everybody),
    Page("open/bulletins/<str:number>/", always(404), args={"number": "TB-2601-000000"}, few=True),
    Page("open/bulletins/<str:number>/paper.<slug:form>", always(404),
         args={"number": "TB-2601-000000", "form": "pdf"}, few=True),
    # pairings, the double check-in, the survey of homes: what lies in the first community
    Page("open/pairings/", everybody),
    Page("open/checkins/", everybody),
    Page("open/checkins/v/<str:code>/", always(404), args={"code": "0000-0000-0000"}, few=True),
    # voting: an open vote in each of the two communities, run by its offices
    Page("open/votes/", everybody),
    Page("open/votes/<str:number>/", everybody),
    Page("open/votes/<str:number>/live/", everybody),
    Page("open/votes/<str:number>/recount.json", everybody),
    Page("open/votes/<str:number>/codes/", everybody),
    Page("open/votes/<str:number>/sheet/", everybody),
    Page("open/votes/<str:number>/result.<slug:form>", always(404), args={"form": "pdf"}, few=True),  # not counted yet
    # councils: in each of the two communities a sitting that is going on, with a topic and a resolution
    Page("open/council/", everybody),
    Page("open/council/t/<str:number>/", everybody),
    Page("open/council/g/<str:number>/", everybody),
    Page("open/council/g/<str:number>/minutes.<slug:form>", always(404), args={"form": "pdf"}, few=True),  # none yet
    # covenants: in each of the two communities one that people are asked about, with a comment
    Page("open/covenants/", everybody),
    Page("open/covenants/list.csv", everybody),
    Page("open/covenants/<str:number>/", everybody),
    Page("open/covenants/<str:number>/v/<int:version>/", everybody, args={"version": "1"}),
    Page("open/covenants/<str:number>/v/<int:version>/paper/", everybody, args={"version": "1"}),
    Page("open/covenants/<str:number>/v/<int:version>/paper.<slug:form>", everybody,
         args={"version": "1", "form": "docx"}),
    Page("open/covenants/<str:number>/compare/", everybody),
    Page("open/covenants/<str:number>/comments.csv", everybody),
    Page("open/covenants/<str:number>/data.json", everybody),
    # opinion rounds: in each of the two communities one that is open; grid workers and building heads go
    Page("open/opinions/", everybody),
    Page("open/opinions/<str:code>/", always(404)),  # not published yet
    Page("open/opinions/<str:code>/result.csv", always(404)),
    # the calendar: rooms stand at the first community, and the street's is above both
    Page("open/calendar/", everybody),
    Page("open/calendar.ics", everybody),
)  # fmt: skip

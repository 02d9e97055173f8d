"""``{{ resolution|doer }}``: who carries it out; ``{{ vote|outcome }}``: what came of it."""

from __future__ import annotations

from django import template

from linli.offices.councils.ballots import outcome
from linli.offices.councils.doing import doer

register = template.Library()
register.filter("doer", doer)
register.filter("outcome", outcome)

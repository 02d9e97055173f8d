"""``{{ resolution|doer }}``: who carries it out."""

from __future__ import annotations

from django import template

from linli.offices.councils.doing import doer

register = template.Library()
register.filter("doer", doer)

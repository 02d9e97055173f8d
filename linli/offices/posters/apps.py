"""Posters as a room of its own."""

from __future__ import annotations

from django.apps import AppConfig


class PostersConfig(AppConfig):
    name = "linli.offices.posters"
    label = "posters"
    verbose_name = "门牌海报"

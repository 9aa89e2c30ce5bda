"""The staff pages of every section. Each section's `urls.py` lists its pages with what they need."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.urls import URLPattern

app_name = "staff"

# One package a section, in the order of the rail.
SECTIONS = (
    "accounts",
    "todos",
    "desk",
    "contacts",
    "due",
    "programme",
    "appointments",
    "preparation",
    "parts",
    "catalog",
    "customers",
    "complaints",
    "owners",
    "census",
    "people",
    "settings",
    "api_tokens",
    "intake",
)
ONLY_WHILE_DEVELOPING = ("gallery",)

urlpatterns: list[URLPattern] = [
    pattern
    for section in SECTIONS + (ONLY_WHILE_DEVELOPING if settings.DEBUG else ())
    for pattern in import_module(f"huichang.interfaces.staff.{section}.urls").urlpatterns
]

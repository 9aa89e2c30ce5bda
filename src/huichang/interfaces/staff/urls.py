"""The staff pages of every section. Each section's `urls.py` lists its pages with what they need."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern

app_name = "staff"

# One package a section, in the order of the rail.
SECTIONS = (
    "accounts",
    "desk",
    "contacts",
    "due",
    "appointments",
    "catalog",
    "customers",
    "census",
    "people",
    "settings",
    "api_tokens",
    "intake",
)

urlpatterns: list[URLPattern] = [
    pattern
    for section in SECTIONS
    for pattern in import_module(f"huichang.interfaces.staff.{section}.urls").urlpatterns
]

"""Every component on one page, for whoever writes pages. Declared only with HUICHANG_DEBUG=1."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def gallery(request: HttpRequest) -> HttpResponse:
    """The components with invented content."""
    return render(request, "ui/gallery.html")

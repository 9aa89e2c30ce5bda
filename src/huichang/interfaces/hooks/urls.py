"""One address an account; its key is the proof that the caller was told it."""

from __future__ import annotations

from django.urls import path

from huichang.interfaces.hooks import views

app_name = "hooks"

urlpatterns = [path("<slug:provider>/<str:key>", views.receive, name="receive")]

"""One address a screen; its key is the proof. Nobody signs in on a wall."""

from __future__ import annotations

from django.urls import path

from huichang.interfaces.board import views

app_name = "board"

urlpatterns = [path("<str:key>", views.welcome, name="welcome")]

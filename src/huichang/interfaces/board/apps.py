from django.apps import AppConfig


class BoardConfig(AppConfig):
    """Screens on the wall."""

    name = "huichang.interfaces.board"
    label = "board_pages"

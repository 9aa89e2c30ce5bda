from __future__ import annotations

from huichang.interfaces.pages import Door, page
from huichang.interfaces.staff.gallery import views

urlpatterns = [
    page(
        "gallery",
        views.gallery,
        needs=Door.SIGNED_IN,
        name="gallery",
        title="组件一览",
        network=True,
        screens=False,
    ),
]

"""The guide beside the pages: every chapter that a page names exists in both languages and reads as HTML."""

from __future__ import annotations

from pathlib import Path

import pytest

import huichang.config.urls  # noqa: F401  # importing the routes fills the registry of pages
from huichang.interfaces import guide
from huichang.interfaces.pages import PAGES
from tests.factories.world import make_world, signed_in

SLUGS = sorted({page.help for page in PAGES.values() if page.help})


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("slug", SLUGS)
def test_every_chapter_a_page_names_exists(slug: str, language: str) -> None:
    chapter = guide.chapter(slug, language)
    assert chapter is not None, f"docs/guide has no {slug} in {language}"
    assert chapter.title != slug
    assert "<h3>" in chapter.body


@pytest.mark.parametrize("slug", SLUGS)
def test_both_languages_have_the_same_sections(slug: str) -> None:
    chapters = [guide.chapter(slug, language) for language in ("zh-hans", "en")]
    counts = {chapter.body.count("<h3>") for chapter in chapters if chapter}
    assert len(counts) == 1


def test_markdown_of_the_guide_becomes_safe_html(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "zh"
    folder.mkdir()
    (folder / "planted.md").write_text(
        "# 标题\n\n段落 **粗** <script>\n\n## 小节\n\n1. 一\n2. 二\n   续行\n\n- 点\n", encoding="utf-8"
    )
    monkeypatch.setattr(guide, "PLACES", (tmp_path,))
    chapter = guide.chapter("planted", "zh-hans")
    assert chapter is not None
    assert chapter.title == "标题"
    assert "<strong>粗</strong> &lt;script&gt;" in chapter.body
    assert "<h3>小节</h3>" in chapter.body
    assert "<ol><li>一</li><li>二 续行</li></ol>" in chapter.body
    assert "<ul><li>点</li></ul>" in chapter.body


@pytest.mark.django_db
def test_help_opens_beside_the_page() -> None:
    client = signed_in(make_world().li)
    assert "职责代理" in client.get("/help/people").content.decode()
    assert client.get("/help/no-such-chapter").status_code == 404

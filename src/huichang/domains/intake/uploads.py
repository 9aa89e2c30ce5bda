"""Uploaded files between browser and worker: in the database, and as files while somebody reads them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from huichang.domains.intake import archives
from huichang.domains.intake.models import ImportFile, ImportRun
from huichang.domains.intake.planning import Source

Upload = tuple[str, bytes]


def unique_names(names: Iterable[str]) -> list[str]:
    """Two files of one name are told apart, so that every refusal names its file."""
    seen: dict[str, int] = {}
    unique: list[str] = []
    for name in names:
        short = Path(name).name[-180:]
        seen[short] = seen.get(short, 0) + 1
        unique.append(short if seen[short] == 1 else f"{seen[short]}-{short}")
    return unique


@contextmanager
def on_disk(files: Iterable[Upload]) -> Iterator[list[Source]]:
    """Uploaded contents as files, for as long as the block runs; the suffix helps nobody and is not needed."""
    with tempfile.TemporaryDirectory(prefix="huichang-import-") as folder:
        sources: list[Source] = []
        for number, (name, content) in enumerate(files):
            path = Path(folder) / f"{number}"
            path.write_bytes(content)
            sources.append(Source(path, name))
        yield sources


def unpacked(uploads: Iterable[Upload]) -> list[Upload]:
    """The uploads with what is in archives instead of these. Raises reading.Unreadable."""
    found: list[Upload] = []
    for name, content in uploads:
        if archives.is_archive(BytesIO(content)):
            found += archives.members(BytesIO(content), name)
        else:
            found.append((name, content))
    return found


@contextmanager
def unpacked_on_disk(sources: Iterable[Source]) -> Iterator[list[Source]]:
    """The files with what is in archives instead of these, for as long as the block runs. Raises reading.Unreadable."""
    with tempfile.TemporaryDirectory(prefix="huichang-archive-") as folder:
        found: list[Source] = []
        for source in sources:
            if not archives.is_archive(source.path):
                found.append(source)
                continue
            for name, content in archives.members(source.path, source.name):
                path = Path(folder) / str(len(found))
                path.write_bytes(content)
                found.append(Source(path, name))
        names = unique_names(source.name for source in found)
        yield [Source(source.path, name) for source, name in zip(found, names, strict=True)]


@contextmanager
def files_on_disk(run: ImportRun) -> Iterator[list[Source]]:
    """The uploaded files of a run, for as long as the block runs."""
    files = ((file.name, bytes(file.content)) for file in ImportFile.objects.filter(run=run).order_by("pk"))
    with on_disk(files) as sources:
        yield sources

"""Pictures from outside: looked at, drawn anew, made small. What is kept holds pixels only."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.owners import policies
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST = 1600  # pixels of the longer side: enough to read a warning lamp
MOST_PIXELS = 60_000_000  # phones reach 50 million; beyond that it is no photo but a trap
MOST_WHOLE = 24_000_000  # of formats that cannot be opened smaller than they are: some 100 MB of memory
QUALITY = 82


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG and its size in pixels."""

    content: bytes
    width: int
    height: int


def redraw(raw: bytes, *, most_bytes: int) -> Picture:
    """A picture as JPEG, upright, without metadata (a phone writes the position into it).

    Judged by its content, never by its name. Raises OperationRefused (field `photos`).
    """
    _check_size(len(raw), most_bytes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd in it does not matter: only pixels are kept
            with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
                most = MOST_PIXELS if opened.format == "JPEG" else MOST_WHOLE
                if opened.width * opened.height > most:
                    raise OperationRefused(_("照片的像素太多"), field="photos")
                opened.draft("RGB", (LONGEST, LONGEST))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((LONGEST, LONGEST))
                return _as_jpeg(upright)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise OperationRefused(_("这个文件不是照片。可以上传 JPG、PNG 或 WebP。"), field="photos") from error


def _as_jpeg(picture: Image.Image) -> Picture:
    plain = Image.new("RGB", picture.size, "white")
    with_alpha = picture.convert("RGBA")
    plain.paste(with_alpha, mask=with_alpha.getchannel("A"))
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Picture(out.getvalue(), plain.width, plain.height)


class File(Protocol):
    """An uploaded file: its size is known before it is read."""

    @property
    def size(self) -> int | None: ...

    def read(self) -> bytes: ...


def redrawn(files: Sequence[File], *, dealer: Dealer, now: datetime) -> list[Picture]:
    """Uploaded files as pictures to keep, by the store's limits, before anything is booked. Raises OperationRefused.

    One file after the other is read, and none that is too large.
    """
    found = values_in_force([policies.PHOTOS, policies.PHOTO_MB], dealer, local_date(now))
    most = found[policies.PHOTOS.key]
    if len(files) > most:
        raise OperationRefused(_("每次预约最多 {most} 张照片").format(most=most), field="photos")
    most_bytes = found[policies.PHOTO_MB.key] * 2**20
    for one in files:
        _check_size(one.size or 0, most_bytes)
    return [redraw(one.read(), most_bytes=most_bytes) for one in files]


def _check_size(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        megabytes = most_bytes // 2**20
        raise OperationRefused(_("照片不能大于 {megabytes} MB").format(megabytes=megabytes), field="photos")

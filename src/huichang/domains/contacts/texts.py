"""The message templates a new installation starts with, in both languages: `texts.tsv`; afterwards they are data.

A part in `[[…]]` is left out when a variable in it is empty. WeChat's fields are named as its templates name them:
`thing1` holds 20 characters, `car_number2` 8, `time3` a time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

ZH, EN = "zh-hans", "en"
VARIABLES = (
    "customer", "plate", "series", "store", "store_phone", "time", "advisor", "technician", "items", "amount", "link",
    "code", "reason", "due_date", "minutes", "text",
)  # fmt: skip
SECRET = ("code",)  # values that are sent and that no page may show
WITH_FIELDS = ("wechat", "mini")


@dataclass(frozen=True, slots=True)
class TemplateSeed:
    """One row of the start: a name in one channel and language."""

    name: str
    channel: str
    language: str
    subject: str
    body: str
    fields: Mapping[str, str]


_more: dict[str, tuple[str, str, str]] = {}


def declare_reminder(code: str, name: str, text: str) -> None:
    """Let those above bring the text of a reminder of their own, in Chinese; `texts.tsv` goes before it."""
    _more[f"reminder.{code}"] = (
        name,
        text,
        "car_number1={plate}; thing2={items}; date3={due_date}; thing4={store}",
    )


def seeds() -> Iterator[TemplateSeed]:
    """Every template of the start."""
    told = set()
    text = resources.files(__package__).joinpath("texts.tsv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        told.add(row["name"])
        for channel in row["channels"].split(","):
            yield _seed(row, channel, ZH, "")
            yield _seed(row, channel, EN, "_en")
    for name, (subject, text, fields) in _more.items():
        for channel in () if name in told else ("sms", "wechat", "mini", "email"):
            row = {
                "name": name,
                "subject": subject,
                "text": f"{text}{{store}}[[ {{store_phone}}]]",
                "fields": fields,
            }
            yield _seed(row, channel, ZH, "")


def _seed(row: Mapping[str, str], channel: str, language: str, end: str) -> TemplateSeed:
    body = row[f"text{end}"]
    if channel in {"email", "letter"} and body != "{text}":
        body = f"{body}\n\n{{store}}[[\n{{store_phone}}]]"
    elif channel == "letter":
        hello = "Dear {customer},\n\n" if end else "尊敬的{customer}:\n\n"
        body = f"{hello}{body}\n\n{{store}}[[\n{{store_phone}}]]"
    return TemplateSeed(
        row["name"], channel, language, "" if channel == "sms" else row[f"subject{end}"], body,
        fields_of(row["fields"].replace("; ", "\n")) if channel in WITH_FIELDS else {},
    )  # fmt: skip


def fields_of(text: str) -> dict[str, str]:
    """WeChat's fields as people write them: `thing1={store}`, one a line."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _equals, value in pairs}

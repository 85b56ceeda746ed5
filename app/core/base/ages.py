"""The one reader of ages, for headers and tables alike, and how an age is written.

A number without a unit means years. What cannot be read is said to be so, and never left out
without a word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from app.core.base.reasons import Declaration, Reason, caution, phrase, step

AgeDoubt = Literal["", "no unit", "from dates", "unreadable"]

_OLDEST = 130.0
"""Years. What is beyond (999Y) stands for an age that nobody knows."""

_DAY = 1 / 365.25
_UNITS: tuple[tuple[float, str], ...] = (
    # No single j: Jahr and jaar are years, jour is a day.
    (1.0, "y yr yrs year years yo y/o a an ans annee annees anno anni ano anos jahr jahre jahren jr"
          " jaar jaren rok roku lata lat let god лет год года г л ev eves yas χρονια ετων ετη"
          " 岁 歲 歳 才 세 살"),
    (1 / 12, "m mo mos mon mth mths month months monat monate monaten mois mes meses mese mesi"
             " maand maanden mnd mies miesiecy miesiace мес месяц месяца месяцев honap honapos ay"
             " aylik μηνων μηνες 月 个月 個月 か月 ヶ月 カ月 ケ月 개월"),
    (7 * _DAY, "w wk wks week weeks wo woche wochen sem semaine semaines semana semanas settimana"
               " settimane weken tyg tygodni нед недели недель het hetes hafta 周 週 週間 주"),
    (_DAY, "d day days tag tage tagen t jour jours dia dias giorno giorni dag dagen dni дн день дня"
           " днеи nap napos gun gunluk 天 日 日間 일"),
    (_DAY / 24, "h hr hrs hour hours std stunde stunden heure heures hora horas ore uur час часа"
                " часов 小时 時間 시간"),
)  # fmt: skip


def _bare(text: str) -> str:
    """Lower case, no accents."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in parted if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", kept).strip()


_YEARS = {_bare(word): years for years, words in _UNITS for word in words.split()}
_PART = r"(\d+(?:[.,]\d+)?)\s*-?\s*([^\W\d_]+(?:/o)?)?\.?"
_PARTS = re.compile(rf"{_PART}(?:[\s,]+{_PART}|{_PART})?")
_AROUND = re.compile(r"^[>≥=\s]+|[\s-]*(?:old|of age|alt|\+)$")
_NOT_TOLD = re.compile(r"(?:unknown|unk|unbekannt|none|null|nan|n/?a|not known|[-?.*\s]*)")


@dataclass(frozen=True)
class Age:
    """An age as it was read.

    Parameters
    ----------
    years
        In years; None where none is told or none can be read.
    doubt
        ``no unit``: taken as years. ``from dates``: worked out from birth and study.
        ``unreadable``: something stands there that is no age.
    """

    years: float | None = None
    doubt: AgeDoubt = ""


def read_age(said: str) -> Age:
    """Read an age: ``045Y``, ``0045Y``, ``45 years``, ``45``, ``6 Mo``, ``3W``, ``12D``, ``4Y6M``.

    Parameters
    ----------
    said
        PatientAge of a header, or a cell of a table.
    """
    bare = _bare(said)
    if _NOT_TOLD.fullmatch(bare):
        return Age()
    match = _PARTS.fullmatch(_AROUND.sub("", bare))
    if match is None:
        return Age(doubt="unreadable")
    number, unit, further, of_further = (part or "" for part in match.group(1, 2, 3, 4))
    if match.group(5):
        further, of_further = match.group(5), match.group(6) or ""
    each = _YEARS.get(unit) if unit else 1.0
    years = None if each is None else float(number.replace(",", ".")) * each
    if further and years is not None:
        # "4Y6M": the second unit is the smaller one, and both are told.
        less = _YEARS.get(of_further)
        smaller = bool(unit) and less is not None and each is not None and less < each
        years = years + float(further.replace(",", ".")) * (less or 0.0) if smaller else None
    if years is None or years > _OLDEST:
        return Age(doubt="unreadable")
    return Age(years, "" if unit else "no unit")


_DOUBTS: dict[AgeDoubt, Declaration] = {
    "no unit": caution(
        "age-without-unit", "The header gives the age without a unit; it was taken as years"
    ),
    "from dates": step("age-from-dates", "Age worked out from the dates of birth and study"),
    "unreadable": caution("age-unreadable", "The age in the header cannot be read"),
}
_IN_YEARS = phrase("age-in-years", "{age} years")
_IN_MONTHS = phrase("age-in-months", "{months} months")
_IN_DAYS = phrase("age-in-days", "{days} days")
_ONE_DAY = phrase("age-of-one-day", "1 day")


def doubt_reason(doubt: AgeDoubt) -> Reason:
    """What to know of an age from a header, as a step or a caution; there must be a doubt."""
    return _DOUBTS[doubt]()


def age_parts(years: float) -> tuple[int, Literal["years", "months", "days"]]:
    """An age as it is written: completed years, months for the very young, then days."""
    if years >= 2:
        return int(years + 1e-6), "years"
    months = int(years * 12 + 1e-6)
    return (months, "months") if months >= 2 else (round(years * 365.25), "days")


def age_phrase(years: float) -> Reason:
    """An age as a part of a sentence."""
    number, unit = age_parts(years)
    if unit == "years":
        return _IN_YEARS(age=number)
    if unit == "months":
        return _IN_MONTHS(months=number)
    return _ONE_DAY() if number == 1 else _IN_DAYS(days=number)


def age_words(years: float) -> str:
    """An age in words, such as ``45 years`` or ``1 day``."""
    return age_phrase(years).text()

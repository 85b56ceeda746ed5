"""The model's page: the fitness gate, what it did to images of each sort, and what is untested."""

from __future__ import annotations

from app.core.base.translation import mark, tr
from app.core.model.card import ModelCard
from app.review.report.document import blocks as parts
from app.review.report.model_page.reading import at, count, figure, words
from app.review.report.model_page.records import Records

_FROM_THE_PICTURE = (
    ("greys cut off", mark("greys cut off")),
    ("text over the lungs", mark("text over the lungs")),
)
"""Keys of the record with what is told from the picture alone, and their titles."""


def fitness_blocks(card: ModelCard, records: Records) -> list[parts.Block]:
    """The limits of the fitness gate, and what it did to images of each sort."""
    if not card.fitness:
        return []
    said = tr(
        "A fitness gate looks at each image before the score is shown: a caution above {caution:g} "
        "and no score above {refuse:.2f} times the unlikeness that is usual among held-out "
        "patients.",
        caution=card.fitness["caution"],
        refuse=card.fitness["refuse"],
    )
    found: list[parts.Block] = [parts.Paragraph(said)]
    rows = []
    for group in ("children", "adults"):
        for name, raw in (at(records.fitness, group) or {}).items():
            what = f"{tr('children') if group == 'children' else tr('adults')}: {name}"
            rows.append(
                (
                    what,
                    count(at(raw, "n")),
                    figure(at(raw, "refused")),
                    figure(at(raw, "cautioned")),
                )
            )
    for name, raw in (at(records.fitness, "other things") or {}).items():
        refused = figure(at(raw, "refused by any"))
        rows.append((tr("no chest X-ray: {name}", name=name), count(at(raw, "n")), refused, "–"))
    for key, title in _FROM_THE_PICTURE:
        for name, raw in (at(records.fitness, key) or {}).items():
            # Text is never refused: it gets a caution or nothing.
            refused = figure(at(raw, "refused")) if at(raw, "refused") is not None else "–"
            rows.append(
                (
                    f"{tr(title)}: {name}",
                    count(at(raw, "n")),
                    refused,
                    figure(at(raw, "cautioned")),
                )
            )
    if rows:
        head = (tr("Images"), tr("Number"), tr("Refused"), tr("With a caution"))
        found.append(parts.Table(head, tuple(rows), 1, (2.6, 0.6, 1.5, 1.5)))
    if chosen := words(records.fitness.get("chosen")):
        found.append(parts.Paragraph(chosen, "note"))
    found += _left_out_blocks(records)
    untested = records.fitness.get("untested")
    if isinstance(untested, list) and untested:
        found += [parts.Heading(tr("Untested"), 2), parts.Bullets(tuple(map(str, untested)))]
    return found


def _left_out_blocks(records: Records) -> list[parts.Block]:
    """What was chosen without each package, and what that does to the package left out."""
    raw = at(records.fitness, "leave one package out")
    packages = at(raw, "packages")
    if not isinstance(packages, dict) or not packages:
        return []
    rows = []
    for name, one in packages.items():
        chosen = at(one, "layers")
        layers = ", ".join(map(str, chosen)) if isinstance(chosen, list) else "–"
        factor = at(one, "factor")
        times = f"{factor:g}" if isinstance(factor, int | float) else "–"
        if at(one, "rule_met") is False:
            layers = tr("{layers} (no choice met the rule)", layers=layers)
        rows.append((str(name), layers, times, count(at(one, "n")), figure(at(one, "refused"))))
    said = tr(
        "Layers and factor were chosen anew without each package, by children, adults and the "
        "other packages, and then tried on the package left out: {rule}.",
        rule=str(at(raw, "rule") or "–"),
    )
    head = (
        tr("Package left out"), tr("Layers chosen"), tr("Factor"), tr("Number"), tr("Refused"),
    )  # fmt: skip
    return [
        parts.Heading(tr("One package left out"), 2),
        parts.Paragraph(said),
        parts.Table(head, tuple(rows), 2, (1.0, 2.2, 0.5, 0.6, 1.5)),
    ]

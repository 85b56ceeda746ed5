"""Is the view a frontal one? Judged from all that the header says of it."""

from __future__ import annotations

from app.core.base.reasons import Declaration, Reason, caution, phrase, refusal
from app.core.gate.view_words import FRONTAL, ViewKind, view_named
from app.core.image.radiograph import Header, ViewSaid

_DECUBITUS = refusal(
    "view-decubitus",
    "The view is a decubitus ({view}), not a frontal view",
    "The view is a decubitus, not a frontal view",
)
_OBLIQUE = refusal(
    "view-oblique",
    "The view is oblique ({view}), not a frontal view",
    "The view is oblique, not a frontal view",
)
_LATERAL = refusal(
    "view-lateral",
    "The view is lateral ({view}), not a frontal view",
    "The view is lateral, not a frontal view",
)
_REFUSED: tuple[tuple[ViewKind, Declaration], ...] = (
    ("decubitus", _DECUBITUS),
    ("oblique", _OBLIQUE),
    ("lateral", _LATERAL),
)
_UNCLEAR = caution(
    "view-unclear",
    "The header is not clear about the view ({said})",
    "The header is not clear about the view",
)
_SAID = phrase("header-element-says", "{keyword} {said}")
_KINDS: dict[ViewKind, Declaration] = {
    "frontal": phrase("frontal", "frontal"),
    "lateral": phrase("lateral", "lateral"),
    "oblique": phrase("oblique", "oblique"),
    "decubitus": phrase("decubitus", "decubitus"),
    "other": phrase("not-frontal-alone", "not frontal alone"),
}


def judge_view(header: Header, refusals: list[Reason], cautions: list[Reason]) -> None:
    """Refuse what is not frontal, and name what contradicts itself.

    ViewPosition and the codes decide, and the worst of them. What a description or the orientation
    says against a frontal view of theirs is a caution, and decides where they say nothing. A
    decubitus is no contradiction to AP or PA, and is refused by a description, too. What is said
    of the study may be of another image of it.
    """
    views = header.views
    if not views and (kind := view_named(header.view)):
        views = (ViewSaid("ViewPosition", kind, header.view),)
    sure = {view.kind for view in views if view.by == "element"}
    frontal = bool(sure & FRONTAL)
    for kind, declared in _REFUSED:
        for view in views:
            described = view.by == "text" and (kind == "decubitus" or not frontal)
            if view.kind == kind and (view.by == "element" or described):
                refusals.append(declared(view=_shown(view)))
                return
    doubtful = [view for view in views if view.kind not in FRONTAL]
    if doubtful or {"PA", "AP"} <= sure:
        told = [view for view in views if view.by == "element" or view in doubtful]
        said = tuple(_SAID(keyword=view.keyword, said=_said(view)) for view in told)
        cautions.append(_UNCLEAR(said=said))


def _said(view: ViewSaid) -> str | Reason:
    known = _KINDS.get(view.kind)
    return view.said or (known() if known else view.kind)


def _shown(view: ViewSaid) -> str:
    if view.keyword == "ViewPosition":
        return view.said
    return ", ".join(filter(None, (view.said, view.keyword)))

"""Is the view a frontal one? Judged from all that the header says of it."""

from __future__ import annotations

from app.core.images import Header, ViewSaid
from app.core.translation import mark, tr
from app.core.view_words import FRONTAL, ViewKind, view_named

_REFUSED: tuple[tuple[ViewKind, str], ...] = (
    ("decubitus", mark("The view is a decubitus ({view}), not a frontal view")),
    ("oblique", mark("The view is oblique ({view}), not a frontal view")),
    ("lateral", mark("The view is lateral ({view}), not a frontal view")),
)
_KINDS: dict[ViewKind, str] = {
    "frontal": mark("frontal"),
    "lateral": mark("lateral"),
    "oblique": mark("oblique"),
    "decubitus": mark("decubitus"),
    "other": mark("not frontal alone"),
}


def judge_view(header: Header, refusals: list[str], cautions: list[str]) -> None:
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
    for kind, words in _REFUSED:
        for view in views:
            described = view.by == "text" and (kind == "decubitus" or not frontal)
            if view.kind == kind and (view.by == "element" or described):
                refusals.append(tr(words, view=_shown(view)))
                return
    doubtful = [view for view in views if view.kind not in FRONTAL]
    if doubtful or {"PA", "AP"} <= sure:
        told = [view for view in views if view.by == "element" or view in doubtful]
        said = ", ".join(f"{view.keyword} {_said(view)}" for view in told)
        cautions.append(tr("The header is not clear about the view ({said})", said=said))


def _said(view: ViewSaid) -> str:
    return view.said or tr(_KINDS.get(view.kind, view.kind))


def _shown(view: ViewSaid) -> str:
    if view.keyword == "ViewPosition":
        return view.said
    return ", ".join(filter(None, (view.said, view.keyword)))

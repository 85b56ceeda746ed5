"""What a heatmap shows and how much of the score it accounts for, in words. No widgets."""

from __future__ import annotations

from app.core.base.translation import mark, tr
from app.core.image.heatmap_paint import empty_words, scale_words
from app.core.model.results import Heatmap

BALANCE_HELP = mark(
    "In logit units of the network, before calibration: what the image adds for pneumonia and "
    "toward normal, each summed over the map, and the bias, which it says without any evidence. "
    "Where they do not add up to the logit, the rest moved the score and is not on the map."
)
_MOST = 9.99


def evidence_words(heatmap: Heatmap) -> str:
    """How strong the evidence on the map is, or that there is none; then what it accounts for."""
    return "\n".join((_strength(heatmap), *_account(heatmap)))


def _strength(heatmap: Heatmap) -> str:
    if heatmap.is_empty:
        return empty_words(heatmap)
    return tr(
        "{scale_words}: at most {share:.0%} ({method}).",
        scale_words=scale_words(heatmap),
        share=min(float(heatmap.evidence.max() / heatmap.full_scale), _MOST),
        method=tr(heatmap.method),
    )


def _account(heatmap: Heatmap) -> tuple[str, ...]:
    balance = heatmap.balance
    if balance is None:
        return ()
    parts = {
        "logit": signed(balance.logit),
        "positive": signed(balance.toward_pneumonia),
        "negative": signed(-balance.toward_normal),
        "bias": signed(balance.constant),
    }
    if not balance.rest:
        text = tr(
            "Logit {logit}: {positive} for pneumonia, {negative} toward normal, bias {bias}. "
            "All of it is on the map.",
            **parts,
        )
    else:
        text = tr(
            "Logit {logit}: {positive} for pneumonia, {negative} toward normal, bias {bias}, "
            "rest {rest}. The map shows {share} % of what moved it.",
            rest=signed(balance.rest),
            # Rounded down: 100 % is said of a map that leaves nothing out.
            share=min(int(100 * balance.share), 99),
            **parts,
        )
    return (text,)


def signed(value: float) -> str:
    """A figure with its sign, two decimals; a true minus, and no minus before a nought."""
    text = f"{value:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", "\u2212")

"""What the review part of the window does, without Qt: it takes a view and a service.

The view shows and reports what the person did; the service reads and scores. Tests give both
as mocks, and the window's tests use the real ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from app.core.base.errors import ModelError, ReviewError, UnreadableImage
from app.core.base.reasons import told
from app.core.base.translation import tr
from app.core.image.radiograph import Header, Radiograph
from app.core.model.card import ModelCard
from app.core.model.results import Heatmap, Prediction, Status
from app.core.worklist.scan import Item
from app.inference.registry.models import ModelEntry, active, active_name, list_models
from app.inference.scoring.pipeline import Scored
from app.jobs.inference_worker import ScoringProgress

_SAME_SCORE = 0.005
"""Scores of one image alone and in a batch differ by far less."""


class ReviewService(Protocol):
    """What the controller asks for; ``InferenceService`` gives it."""

    @property
    def is_busy(self) -> bool:
        """Whether a scan or a scoring is under way."""

    def open(self, paths: Sequence[str | Path]) -> None:
        """List and score."""

    def score(self, items: Sequence[Item]) -> None:
        """Score these."""

    def cancel(self) -> None:
        """Stop listing and scoring."""

    def show(self, item: Item) -> int:
        """Read an image and explain it; the number comes back with the answers."""

    def prefetch(self, item: Item) -> None:
        """Read one ahead."""

    def use_model(self, folder: Path) -> None:
        """Load a model."""


class ReviewView(Protocol):
    """What the window shows for the controller."""

    def clear_list(self) -> None:
        """Empty the worklist."""

    def add_items(self, items: Sequence[Item]) -> None:
        """Add images to the worklist."""

    def add_scores(self, scored: Sequence[Scored]) -> None:
        """Put scores into the worklist."""

    def forget_scores(self) -> None:
        """Put all images back into the queue."""

    def choose_first(self) -> None:
        """Make the first image current."""

    def all_items(self) -> list[Item]:
        """The images in the order of the scan."""

    def unscored_items(self) -> list[Item]:
        """Those that wait for a score."""

    def known(self, item: Item) -> tuple[Prediction | None, Header]:
        """What the worklist knows of an image."""

    def neighbour(self, by: int) -> Item | None:
        """The image next to the current one."""

    def expect_image(self) -> None:
        """Another image is being read: the one in view must not stand beside its name for long."""

    def show_item(self, item: Item, header: Header) -> None:
        """Tell whose image it is; the image itself follows."""

    def show_image(self, radiograph: Radiograph | None, message: str) -> None:
        """Show an image, or say why there is none."""

    def show_prediction(self, prediction: Prediction | None) -> None:
        """Show the outcome of the current image."""

    def show_kept(self, prediction: Prediction) -> None:
        """The file cannot be reached: show the outcome that was found while it could."""

    def show_heatmap(self, heatmap: Heatmap | None) -> None:
        """Lay the heatmap over the image."""

    def show_scanning(self, found: int) -> None:
        """The list is being filled."""

    def show_progress(self, progress: ScoringProgress | None) -> None:
        """How far scoring is; None when it is over."""

    def show_models(self, models: Sequence[ModelEntry], current: str, active: str) -> None:
        """Offer the models; ``active`` is the one that judges wherever none is chosen."""

    def show_model(
        self, card: ModelCard | None, device: str, words: str, active: bool = True
    ) -> None:
        """The model in use and whether it is the active one, or why there is none."""

    def call_at(self, model: str, threshold: float) -> None:
        """Make the calls of that model's scores (``Prediction.model``) at another threshold."""

    def show_error(self, error: ReviewError) -> None:
        """Say what happened, what was expected, how to fix it."""

    def show_notice(self, text: str) -> None:
        """Say something worth knowing."""


class ReviewController:
    """Opens, walks and rescores.

    Parameters
    ----------
    view, service
        By protocol.
    """

    def __init__(self, view: ReviewView, service: ReviewService) -> None:
        self.view = view
        self.service = service
        self.current: Item | None = None
        self.model_name = ""
        self.active_model = ""
        self._wanted_model = ""
        self._models: dict[str, ModelEntry] = {}
        self._generation = 0
        self._header = Header()
        self._found = 0
        self._any_scored = False
        self._card: ModelCard | None = None
        self._threshold: float | None = None
        self._device = ""
        self.audited: Mapping[Path, float] = {}
        """Out-of-fold scores in the place of the model's own, in the walk of an audit."""

    @property
    def card(self) -> ModelCard | None:
        """Of the model in use."""
        return self._card

    # From the person ------------------------------------------------------------------------

    def start(self) -> None:
        """Load the active model; called once the window is on the screen."""
        self.refresh_models()
        self._use_active()

    def open(self, paths: Sequence[str | Path]) -> None:
        """Review these folders and files instead of what is open."""
        if not paths:
            return
        self.current = None
        self.audited = {}
        self._generation = -1
        self._found = 0
        self._any_scored = False
        self.view.clear_list()
        self.view.show_image(None, tr("Looking for images…"))
        self.view.show_scanning(0)
        self.service.open(paths)

    def cancel(self) -> None:
        """Stop; what was scored stays, the rest stays in the queue."""
        self.service.cancel()

    def resume(self) -> None:
        """Score what still waits."""
        items = self.view.unscored_items()
        if items and not self.service.is_busy:
            self._score(items)

    def choose(self, item: Item) -> None:
        """Show an image: what is known at once, the pixels next, the heatmap last."""
        if self.current is not None and item.path == self.current.path:
            return
        self.current = item
        prediction, self._header = self.view.known(item)
        self.view.show_item(item, self._header)
        self.view.show_prediction(prediction)
        self.view.show_heatmap(None)
        self.view.expect_image()
        self._generation = self.service.show(item)
        following = self.view.neighbour(1)
        if following is not None:
            self.service.prefetch(following)

    def show_again(self) -> None:
        """Read the image in view again: its file has changed."""
        item, self.current = self.current, None
        if item is not None:
            self.choose(item)

    def choose_model(self, name: str) -> None:
        """Judge with another model; all images are scored again once it is loaded."""
        entry = self._models.get(name)
        if entry is None or name == self.model_name or entry.card is None:
            return
        self._wanted_model = name
        self.view.show_model(None, "", tr("Loading the model {name}…", name=name))
        self.service.use_model(entry.folder)

    def use_threshold(self, threshold: float) -> None:
        """Make all calls of the model in use at another of its operating points."""
        if self._card is None or threshold == self._threshold:
            return
        self._threshold = threshold
        self.view.call_at(self._card.title, threshold)
        if self.current is not None:
            self.view.show_prediction(self.view.known(self.current)[0])

    def refresh_models(self) -> None:
        """Look again which models there are."""
        self._models = {entry.name: entry for entry in reversed(list_models())}
        self.active_model = active_name()
        self._show_models(self.model_name or self._wanted_model or self.active_model)

    def model_promoted(self, name: str) -> None:
        """Another model is the active one: it judges from now on."""
        self.refresh_models()
        if name == self.model_name and self._card is not None:
            self.view.show_model(self._card, self._device, "")
        else:
            self.choose_model(name)

    # From the service -----------------------------------------------------------------------

    def items_found(self, items: Sequence[Item]) -> None:
        """The scan found more."""
        first = self._found == 0
        self._found += len(items)
        self.view.add_items(items)
        self.view.show_scanning(self._found)
        if first:
            self.view.choose_first()

    def scan_finished(self, count: int) -> None:
        """The list is complete."""
        if count == 0:
            self.view.show_image(
                None, tr("No images here.\nOpacity reads PNG, JPEG, TIFF and DICOM files.")
            )
        elif self.service.is_busy:
            # The first scores may take seconds: nothing is being looked for any more.
            self.view.show_progress(ScoringProgress(0, count))

    def scored(self, scored: Sequence[Scored]) -> None:
        """Scores came; the panel follows when the current image is among them."""
        self._any_scored = True
        scored = [replace(s, prediction=self._called(s.item, s.prediction)) for s in scored]
        self.view.add_scores(scored)
        for result in scored:
            if self.current is not None and result.item.path == self.current.path:
                self._header = result.header
                self.view.show_item(self.current, result.header)
                self.view.show_prediction(result.prediction)

    def progress(self, progress: ScoringProgress) -> None:
        """Scoring goes on."""
        self.view.show_progress(progress)

    def finished(self) -> None:
        """Nothing goes on any more."""
        self.view.show_progress(None)

    def image_ready(self, generation: int, radiograph: Radiograph) -> None:
        """The pixels of the current image."""
        if generation == self._generation and self.current is not None:
            self._header = radiograph.header
            self.view.show_item(self.current, radiograph.header)
            self.view.show_image(radiograph, "")

    def image_failed(self, generation: int, error: ReviewError) -> None:
        """The current image cannot be read: say so in its place, and never with a score."""
        if generation != self._generation or self.current is None:
            return
        self.view.show_image(
            None, "\n\n".join(filter(None, (error.what, error.expected, error.fix)))
        )
        reason = error.reason if isinstance(error, UnreadableImage) else told(str(error))
        failed = Prediction(Status.UNREADABLE, (reason,))
        known, _ = self.view.known(self.current)
        if failed.is_away and known is not None and not known.is_away:
            # Nothing was learnt of the image: list and panel go on saying what was found.
            self.view.show_kept(known)
            return
        self.view.show_prediction(failed)
        self.view.add_scores([Scored(self.current, failed)])

    def heatmap_ready(
        self, generation: int, prediction: Prediction, heatmap: Heatmap | None
    ) -> None:
        """Score and heatmap of the current image, often before its turn in the batch."""
        if generation != self._generation or self.current is None:
            return
        prediction = self._called(self.current, prediction)
        known, _ = self.view.known(self.current)
        if known is None or known.model != prediction.model or _differ(known, prediction):
            # One image, one score: what the list says is what the panel says.
            self.view.add_scores([Scored(self.current, prediction, self._header)])
            self.view.show_prediction(prediction)
        self.view.show_heatmap(heatmap)

    def model_changed(self, card: ModelCard, device: str) -> None:
        """Another model is in use; scores of the one before must not stand beside its own."""
        switched = self.model_name not in ("", card.name)
        self.model_name = card.name
        self._card, self._device, self._threshold = card, device, None
        self.view.show_model(card, device, "", card.name == self.active_model)
        self._show_models(card.name)
        if self._any_scored and switched:
            self._any_scored = False
            self.view.forget_scores()
            self.view.show_prediction(None)
            self.view.show_heatmap(None)
            self._score(self.view.all_items())
        elif not self.service.is_busy and (waiting := self.view.unscored_items()):
            self._score(waiting)

    def model_failed(self, error: ReviewError) -> None:
        """The model cannot be used; the one before stays."""
        self.view.show_error(error)
        self._wanted_model = self.model_name or self._wanted_model
        self._show_models(self.model_name)
        if self._card is not None:
            is_active = self.model_name == self.active_model
            self.view.show_model(self._card, self._device, "", is_active)
        else:
            self.view.show_model(None, "", tr("No model: images can be viewed but are not scored."))

    def model_trained(self, name: str) -> None:
        """Training has added a model."""
        self.refresh_models()
        self.view.show_notice(
            tr("The model {name} is ready: choose it in the model list.", name=name)
        )

    def _called(self, item: Item, prediction: Prediction) -> Prediction:
        """The prediction at the operating point in use, or the audited one in its place."""
        if (p := self.audited.get(item.path)) is not None:
            prediction = prediction.audited(p)
        card, threshold = self._card, self._threshold
        if threshold is None or card is None or prediction.model != card.title:
            return prediction
        return prediction.at(threshold)

    def _score(self, items: Sequence[Item]) -> None:
        # At once: what is said of the scoring before would stand beside the new counts.
        self.view.show_progress(ScoringProgress(0, len(items)))
        self.service.score(items)

    def _show_models(self, current: str) -> None:
        offered = list(reversed(self._models.values()))
        self.view.show_models(offered, current, self.active_model)

    def _use_active(self) -> None:
        usable = [e for e in self._models.values() if e.card and e.card.judges_pneumonia]
        named = [entry for entry in usable if entry.name == self.active_model]
        # Where not even the bundled model is there, any other lets images be scored.
        chosen = next(iter(named or reversed(usable)), None)
        if chosen is None:
            self.model_failed(
                ModelError(
                    tr("There is no model to score with."),
                    tr("Opacity brings one with it."),
                    tr("Install Opacity again, or train a model in the training panel."),
                )
            )
            return
        with suppress(ModelError):
            if notice := active().notice:
                self.view.show_notice(notice)
        self._show_models(chosen.name)
        self.view.show_model(None, "", tr("Loading the model {name}…", name=chosen.name))
        self.service.use_model(chosen.folder)


def _differ(known: Prediction, now: Prediction) -> bool:
    """Whether two outcomes of one model cannot be of one image: its file was replaced since."""
    if known.status is not now.status or known.p_pneumonia is None or now.p_pneumonia is None:
        return known.status is not now.status
    return abs(known.p_pneumonia - now.p_pneumonia) > _SAME_SCORE

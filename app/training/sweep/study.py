"""The database of a sweep: Optuna's study of the trials and the claims beside it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image import preprocess
from app.core.settings.sweep import SweepConfig
from app.training.sweep.claims import Claim, Claims
from app.training.sweep.space import Settings, key_of, suggest

HEARTBEAT_S = 10.0
GRACE_S = 60.0
"""A worker that was silent for so long is dead; a trial of its own it leaves to another."""
MOST_DEATHS = 3
"""A setting that so many workers died or hung over is not tried again: it is what kills them."""
_BLAMED = "blamed"

T = TypeVar("T")

DATABASE_NAME = "study.db"
_TRIES = 5


class StorageError(ReviewError):
    """The database of a sweep cannot be reached or used."""


class StudyDatabase:
    """One sweep's database, opened.

    Parameters
    ----------
    config
        The sweep.
    folder
        The sweep's folder, where its own database lies when ``config.storage`` is empty.
    data_sha256
        Which images, labels and patients; see ``Dataset.split_sha256``.
    heartbeat, grace
        Seconds; see ``HEARTBEAT_S`` and ``GRACE_S``.

    Raises
    ------
    StorageError
        When the database cannot be reached, or the study in it is of other images or settings.
    """

    def __init__(
        self,
        config: SweepConfig,
        folder: Path,
        data_sha256: str,
        *,
        heartbeat: float = HEARTBEAT_S,
        grace: float = GRACE_S,
    ) -> None:
        import optuna
        from sqlalchemy import create_engine
        from sqlalchemy.pool import NullPool

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.config = config
        self._heartbeat = heartbeat
        url = config.storage or f"sqlite:///{folder / DATABASE_NAME}"
        with translate_errors(url):
            options: dict[str, Any] = {"pool_pre_ping": True}
            if url.startswith("sqlite"):
                options = {"poolclass": NullPool, "connect_args": {"timeout": 60}}
            self._engine = create_engine(_with_driver(url), **options)
            self.claims = _patiently(lambda: Claims(self._engine, config.study, grace))
            self._storage = _patiently(
                lambda: optuna.storages.RDBStorage(_with_driver(url), engine_kwargs=options)
            )
            self.optuna = optuna.create_study(
                study_name=config.study,
                storage=self._storage,
                load_if_exists=True,
                direction="minimize" if config.metric == "val_loss" else "maximize",
                sampler=_sampler(config),
                pruner=_pruner(config),
            )
            mine = _identity(config, data_sha256)
            theirs = self.claims.identify(mine)
        if theirs != mine:
            before, now = json.loads(theirs), json.loads(mine)
            other = sorted(name for name in now if before.get(name) != now[name])
            raise StorageError(
                tr(
                    "The study {study} was begun with other {names}.",
                    study=config.study,
                    names=", ".join(
                        tr("images or patients") if name == "data_sha256" else name
                        for name in other
                    ),
                ),
                tr("All trials of a study must be comparable."),
                tr("Choose another name for the study, or what it was begun with."),
            )

    def close(self) -> None:
        """Give the database back."""
        self._storage.remove_session()
        self._engine.dispose()

    @contextlib.contextmanager
    def beating(
        self, claim: Claim, at_work: Callable[[], bool] = lambda: True
    ) -> Iterator[Callable[[], bool]]:
        """Keep a claim alive from a thread, as long as there is work going on.

        The function given tells whether the claim was lost.
        """
        over, lost = threading.Event(), threading.Event()

        def beat() -> None:
            while not over.wait(self._heartbeat):
                # A database that is away for a while may be back before the grace is over.
                with contextlib.suppress(Exception):
                    if at_work() and not self.claims.beat(claim):
                        lost.set()
                        return

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield lost.is_set
        finally:
            over.set()
            thread.join()

    def blame(self, number: int) -> None:
        """Write down that a trial is what its worker dies or hangs of.

        A cut of power, which ends the coordinator too, blames nothing: whoever goes on later
        tries again what was under way, however often that happens to the same long trial.
        """
        for trial in self.optuna.get_trials(deepcopy=False)[number : number + 1]:
            # Told by another meanwhile: then it has been taken over without the blame.
            with contextlib.suppress(RuntimeError):
                self._storage.set_trial_user_attr(trial._trial_id, _BLAMED, True)

    def deaths(self, settings: Settings) -> int:
        """How many trials of a setting were blamed."""
        key = key_of(settings)
        return sum(
            bool(trial.user_attrs.get(_BLAMED)) and key_of(trial.params) == key
            for trial in self.optuna.get_trials(deepcopy=False)
        )

    def ask(self, settings: Settings) -> Any:
        """A new Optuna trial of just these settings."""
        chosen_before, self.optuna.sampler = self.optuna.sampler, _given(settings)
        try:
            trial = self.optuna.ask()
            suggest(trial, self.config.train.arch)
        finally:
            self.optuna.sampler = chosen_before
        return trial


def new_holder() -> str:
    """A name for a claim's holder that nobody else has."""
    return uuid.uuid4().hex


def without_password(url: str) -> str:
    """A storage URL as it may be shown."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return tr("the storage")


@contextlib.contextmanager
def translate_errors(url: str) -> Iterator[None]:
    """Turn what a database says when it cannot be used into words for the person."""
    unusable: tuple[type[Exception], ...] = (*database_errors(), ImportError, ValueError)
    try:
        yield
    except unusable as error:
        raise storage_error(url, error) from error


def database_errors() -> tuple[type[Exception], ...]:
    """What a database that cannot be reached raises, directly or through Optuna."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    return (SQLAlchemyError, StorageInternalError)


def storage_error(url: str, error: Exception) -> StorageError:
    """What a database says when it cannot be used, in words."""
    driver = isinstance(error, ImportError)
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()
    return StorageError(
        tr(
            "The storage {url} cannot be used: {reason}",
            url=without_password(url),
            reason=reason[0] if reason else type(error).__name__,
        ),
        tr(
            "A database that can be reached and written to was expected, such "
            "as postgresql://user:password@host/database, or none for a file "
            "of the sweep's own."
        ),
        tr("Install its driver (for PostgreSQL: pip install 'opacity[postgresql]').")
        if driver
        else tr("Check the address, the server and your rights there; what was done is kept."),
    )


def _patiently(make: Callable[[], T]) -> T:
    """Try again: of two that start at once and both create the tables, the second one fails."""
    for attempt in range(_TRIES):
        try:
            return make()
        except Exception:
            if attempt == _TRIES - 1:
                raise
            time.sleep(0.2 * 2**attempt)
    raise AssertionError


def _with_driver(url: str) -> str:
    """PostgreSQL through psycopg 3, which is what Opacity installs."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _identity(config: SweepConfig, data_sha256: str) -> str:
    shared = dataclasses.asdict(config.train)
    for name in ("data", "labels", "patients", "mapping", "device"):
        del shared[name]  # the images themselves are known by their hash
    return json.dumps(
        {
            "settings": shared,
            "data_sha256": data_sha256,
            "preprocessing": preprocess.NAME,
            "sampler": config.sampler,
            "metric": config.metric,
            "inner_folds": config.inner_folds,
        },
        sort_keys=True,
    )


def _pruner(config: SweepConfig) -> Any:
    import optuna

    match config.pruner:
        case "median":
            return optuna.pruners.MedianPruner(n_startup_trials=8, n_warmup_steps=3)
        case "halving":
            return optuna.pruners.SuccessiveHalvingPruner(min_resource=3, reduction_factor=3)
    return optuna.pruners.NopPruner()


def _sampler(config: SweepConfig) -> Any:
    import optuna

    if config.sampler == "grid":
        return optuna.samplers.RandomSampler(seed=config.train.seed)  # never asked: see ask()
    # Each worker needs numbers of its own, or all would draw the same settings.
    return optuna.samplers.TPESampler(constant_liar=True)


def _given(settings: Settings) -> Any:
    """An Optuna sampler that chooses what it was given."""
    import optuna

    class Given(optuna.samplers.BaseSampler):  # type: ignore[misc]
        def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
            return {}

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
            return {}

        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            return settings[param_name]

    return Given()

"""Who tries which setting: one row each in the database that all workers share.

A setting is claimed by inserting its row, which the primary key lets only one worker do. The
worker's heart beats in the row while it trains; a row whose heart has stopped may be taken over,
by an update that only one can win. All times are the database's own, since machines' clocks differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.training.sweep.space import Settings, key_of

RUNNING, DONE, FAILED = "running", "done", "failed"
MOST_ATTEMPTS = 10
"""A setting begun so often and never ended is not tried again: perhaps it ends the machine."""

_METADATA = MetaData()
_STUDIES = Table(
    "opacity_studies",
    _METADATA,
    Column("study", String(128), primary_key=True),
    Column("identity", Text, nullable=False),
)
_CLAIMS = Table(
    "opacity_claims",
    _METADATA,
    Column("study", String(128), primary_key=True),
    Column("key", String(512), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("holder", String(64), nullable=False),
    Column("trial", Integer),
    Column("attempts", Integer, nullable=False),
    Column("beat", DateTime(timezone=False), nullable=False),
)


@dataclass(frozen=True)
class Claim:
    """A setting that this worker alone may try now.

    Parameters
    ----------
    key, settings
        The setting.
    holder
        Who holds it.
    attempts
        How often it was begun, this time included.
    orphan
        Number of the trial that a dead worker left running; None for none.
    """

    key: str
    settings: Settings
    holder: str
    attempts: int
    orphan: int | None = None


class Claims:
    """The claims of one study.

    Parameters
    ----------
    engine
        Of the database that all workers share.
    study
        Name of the study.
    grace
        Seconds without a heartbeat after which a worker counts as dead.
    """

    def __init__(self, engine: Engine, study: str, grace: float) -> None:
        self._engine, self._study, self._grace = engine, study, grace
        _METADATA.create_all(engine)

    def identify(self, identity: str) -> str:
        """Write down what the study is, unless somebody has, and return what is written down."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_STUDIES).values(study=self._study, identity=identity))
        except IntegrityError:
            pass
        with self._engine.connect() as connection:
            found = select(_STUDIES.c.identity).where(_STUDIES.c.study == self._study)
            return str(connection.execute(found).scalar_one())

    def take(self, settings: Settings, holder: str) -> Claim | None:
        """Claim a setting that nobody has begun; None when somebody has."""
        key = key_of(settings)
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(_CLAIMS).values(
                        study=self._study,
                        key=key,
                        state=RUNNING,
                        holder=holder,
                        attempts=1,
                        beat=_now(self._engine),
                    )
                )
        except IntegrityError:
            return None
        return Claim(key, settings, holder, 1)

    def take_next(self, candidates: Iterable[Settings], holder: str) -> Claim | None:
        """Claim the first of some settings that nobody has begun; None when all are begun."""
        begun = set(self.states())
        for settings in candidates:
            if key_of(settings) not in begun and (claim := self.take(settings, holder)):
                return claim
        return None

    def take_over(self, holder: str) -> Claim | None:
        """Claim a setting whose worker has died; None when there is none."""
        with self._engine.connect() as connection:
            now = connection.execute(select(_now(self._engine))).scalar_one()
            silent = _CLAIMS.c.beat < now - timedelta(seconds=self._grace)
            dead = connection.execute(
                select(_CLAIMS).where(
                    _CLAIMS.c.study == self._study, _CLAIMS.c.state == RUNNING, silent
                )
            ).all()
        for row in dead:
            with self._engine.begin() as connection:
                taken = connection.execute(
                    update(_CLAIMS)
                    .where(
                        _CLAIMS.c.study == self._study,
                        _CLAIMS.c.key == row.key,
                        _CLAIMS.c.state == RUNNING,
                        # Whoever was first has changed these: the others' update finds no row.
                        _CLAIMS.c.holder == row.holder,
                        silent,
                    )
                    .values(
                        holder=holder,
                        trial=None,
                        attempts=row.attempts + 1,
                        beat=_now(self._engine),
                    )
                )
            if taken.rowcount == 1:
                return Claim(row.key, json.loads(row.key), holder, row.attempts + 1, row.trial)
        return None

    def begin(self, claim: Claim, trial: int) -> None:
        """Write down the number of the trial that tries the setting."""
        self._update(claim, trial=trial)

    def beat(self, claim: Claim) -> bool:
        """Say that the worker lives; False, and nothing written, when the claim is not its own."""
        return self._update(claim, beat=_now(self._engine))

    def end(self, claim: Claim, state: str) -> bool:
        """Close the claim as done or failed; False when it was taken over in between."""
        return self._update(claim, state=state)

    def release(self, claim: Claim) -> None:
        """Give a setting back that was not tried to its end: it is free at once."""
        with self._engine.begin() as connection:
            connection.execute(_CLAIMS.delete().where(*self._mine(claim)))

    def states(self) -> dict[str, str]:
        """State of each setting that was ever begun."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(_CLAIMS.c.key, _CLAIMS.c.state).where(_CLAIMS.c.study == self._study)
            )
            return {row.key: row.state for row in rows}

    def _update(self, claim: Claim, **values: Any) -> bool:
        with self._engine.begin() as connection:
            done = connection.execute(update(_CLAIMS).where(*self._mine(claim)).values(**values))
        return done.rowcount == 1

    def _mine(self, claim: Claim) -> tuple[Any, ...]:
        return (
            _CLAIMS.c.study == self._study,
            _CLAIMS.c.key == claim.key,
            _CLAIMS.c.holder == claim.holder,
            _CLAIMS.c.state == RUNNING,
        )


def _now(engine: Engine) -> Any:
    """The database's clock, in one form for all: UTC without a zone, finer than seconds."""
    if engine.dialect.name == "sqlite":
        # Six digits of the second, as SQLAlchemy writes and reads them; SQLite has three.
        return type_coerce(func.strftime("%Y-%m-%d %H:%M:%f000", "now"), DateTime())
    if engine.dialect.name == "postgresql":
        return func.timezone("UTC", func.clock_timestamp(), type_=DateTime())
    return func.utc_timestamp(6, type_=DateTime())

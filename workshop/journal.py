"""The journal: every attempt, every hint, kept in the workspace (SQLite).

Reading never fails: a journal that is missing or cannot be read is an empty one. Writing raises
`EnvironmentProblem` when the disk refuses. A damaged file is kept aside and a new one started;
`notice` then says so. Several processes may use the same file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from checks.exercise import Exercise
from checks.outcome import EnvironmentProblem, Result, Status, reason
from workshop.process import lock

T = TypeVar("T")

WAIT = 10.0
"""Seconds to wait for another process that is writing."""

MIGRATIONS = (
    """
    CREATE TABLE attempts (
        at TEXT NOT NULL,
        exercise TEXT NOT NULL,
        status TEXT NOT NULL,
        points INTEGER NOT NULL,
        mistake TEXT,
        message TEXT NOT NULL
    );
    CREATE INDEX attempts_by_exercise ON attempts (exercise);
    CREATE TABLE hints (
        exercise TEXT PRIMARY KEY, level INTEGER NOT NULL, at TEXT NOT NULL, topic TEXT NOT NULL
    );
    CREATE TABLE solutions (exercise TEXT PRIMARY KEY, at TEXT NOT NULL);
    """,
    "ALTER TABLE attempts ADD COLUMN tried INTEGER NOT NULL DEFAULT 1",
)
"""What brings the schema from version n to n + 1; only ever added to, so that progress survives."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
# SQLITE_ERROR: our statements are fixed, so a table or a column that is missing means a file
# that something else has written.


class Journal:
    """What one learner has done so far. `path` is created at the first thing to remember."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.notice = ""
        """What the learner should be told about the journal itself (French), or nothing."""

    def record(self, results: Iterable[Result], *, tried: bool = True) -> None:
        """Keep these verdicts. `tried` is whether the learner named these exercises: checking
        everything is no attempt at each."""
        now = _now()
        rows = [
            (now, r.exercise, str(r.status), r.points, r.mistake, r.message, tried) for r in results
        ]
        self._write(
            lambda db: db.executemany("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        )

    def hint_given(self, exercise: str, topic: str) -> int:
        """Move on to the next hint and return its level, 1 to 3; it stays at 3.

        `topic` is what the hints are about, a mistake's name or "": a new one starts again at 1.
        """
        return self._write(
            lambda db: int(
                db.execute(
                    "INSERT INTO hints VALUES (?, 1, ?, ?) ON CONFLICT (exercise) DO UPDATE SET "
                    "level = iif(topic = excluded.topic, min(level + 1, 3), 1), "
                    "at = excluded.at, topic = excluded.topic RETURNING level",
                    (exercise, _now(), topic),
                ).fetchone()[0]
            )
        )

    def solution_shown(self, exercise: str) -> None:
        """Remember that the answer has been seen."""
        self._write(
            lambda db: db.execute(
                "INSERT OR IGNORE INTO solutions VALUES (?, ?)", (exercise, _now())
            )
        )

    def attempts(self, exercise: str) -> int:
        """How many times the learner had this exercise judged: failures and successes."""
        return self._attempts().get(exercise, 0)

    def last_mistake(self, exercise: str) -> str | None:
        """The name of the mistake last made, unless the exercise has passed since."""
        rows = self._read(
            "SELECT mistake FROM attempts WHERE exercise = ? AND status IN (?, ?) "
            "ORDER BY rowid DESC LIMIT 1",
            exercise,
            Status.FAILED,
            Status.PASSED,
        )
        return rows[0][0] if rows else None

    def solved(self, exercise: str) -> bool:
        """Whether the last verdict on the learner's work was a success."""
        rows = self._read(
            "SELECT status FROM attempts WHERE exercise = ? AND status IN (?, ?) "
            "ORDER BY rowid DESC LIMIT 1",
            exercise,
            Status.FAILED,
            Status.PASSED,
        )
        return bool(rows) and rows[0][0] == Status.PASSED

    def passed(self) -> dict[str, int]:
        """The exercises that have passed once: id → best points ever."""
        return dict(
            self._read(
                "SELECT exercise, max(points) FROM attempts WHERE status = ? GROUP BY exercise",
                Status.PASSED,
            )
        )

    def progress(self, exercises: Sequence[Exercise]) -> dict[str, Any]:
        """Where the learner is, JSON-ready: totals, then one object for each exercise."""
        passed, attempts = self.passed(), self._attempts()
        hints = dict(self._read("SELECT exercise, level FROM hints"))
        seen = {row[0] for row in self._read("SELECT exercise FROM solutions")}
        rows = [
            {
                "id": e.id,
                "title": e.title,
                "phase": e.phase,
                "passed": e.id in passed,
                "points": min(passed.get(e.id, 0), e.points),
                "max_points": e.points,
                "attempts": attempts.get(e.id, 0),
                "hints": hints.get(e.id, 0),
                "solution_shown": e.id in seen,
            }
            for e in exercises
        ]
        return {
            "points": sum(row["points"] for row in rows),
            "max_points": sum(row["max_points"] for row in rows),
            "passed": sum(row["passed"] for row in rows),
            "total": len(rows),
            "exercises": rows,
        }

    def _attempts(self) -> dict[str, int]:
        return dict(
            self._read(
                "SELECT exercise, count(*) FROM attempts WHERE tried AND status IN (?, ?) "
                "GROUP BY exercise",
                Status.FAILED,
                Status.PASSED,
            )
        )

    # --- the file ---------------------------------------------------------------------------

    def _read(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        def ask() -> list[tuple[Any, ...]]:
            if not self.path.is_file():
                return []
            with closing(self._open("rw")) as db:
                return db.execute(query, values).fetchall() if _version(db) else []

        try:
            return self._repairing(ask)
        except (sqlite3.Error, OSError, EnvironmentProblem):
            self.notice = (
                f"Le journal {self.path} ne peut pas être lu : votre progression ne s'affiche "
                "pas, mais elle n'est pas perdue."
            )
            return []

    def _write(self, act: Callable[[sqlite3.Connection], T]) -> T:
        def change() -> T:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open("rwc")) as db:
                db.execute("BEGIN IMMEDIATE")
                _migrate(db)
                done = act(db)
                db.execute("COMMIT")
                return done

        try:
            return self._repairing(change)
        except (sqlite3.Error, OSError) as error:
            raise EnvironmentProblem(
                f"Votre progression ne peut pas être notée dans {self.path} ({_cause(error)}). "
                "Libérez de la place ou rendez ce dossier inscriptible, puis recommencez."
            ) from error

    def _open(self, mode: str) -> sqlite3.Connection:
        # Transactions are ours to begin: isolation_level None.
        return sqlite3.connect(
            f"{self.path.as_uri()}?mode={mode}", uri=True, timeout=WAIT, isolation_level=None
        )

    def _repairing(self, use: Callable[[], T]) -> T:
        try:
            return use()
        except sqlite3.DatabaseError as error:
            if not _damaged(error):
                raise
        self._keep_aside()
        return use()

    def _keep_aside(self) -> None:
        with lock(self.path.with_name("journal.verrou")):
            if self._sound():  # another process has already started a new file
                return
            aside = self._free_name()
            for suffix in ("", "-journal"):
                part = self.path.with_name(self.path.name + suffix)
                if part.exists():
                    part.rename(aside.with_name(aside.name + suffix))
        self.notice = (
            "Le journal de votre progression était abîmé : il est mis de côté sous le nom "
            f"`{aside.name}`, et un nouveau journal commence. Relancez `verifier` pour y inscrire "
            "vos réussites."
        )

    def _sound(self) -> bool:
        try:
            with closing(self._open("rwc")) as db:
                if _version(db):
                    db.execute(
                        "SELECT attempts.at, hints.at, solutions.at "
                        "FROM attempts, hints, solutions LIMIT 1"
                    )
                return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.DatabaseError as error:
            if _damaged(error):
                return False
            raise

    def _free_name(self) -> Path:
        stem = f"{self.path.name}.abime-{datetime.now():%Y%m%d-%H%M%S}"
        names = [stem, *(f"{stem}-{n}" for n in range(2, 100))]
        return next(p for p in map(self.path.with_name, names) if not p.exists())


def next_hint(journal: Journal, exercise: Exercise) -> tuple[int, str]:
    """The level and text of the next hint; the first one fits the mistake last made.

    After a success there is none: level 0, and a text that says so.
    """
    if journal.solved(exercise.id):
        return 0, (
            f"La mission {exercise.id} est réussie : il n'y a plus d'indice à donner. La réponse "
            f"de référence se lit par `./atelier solution {exercise.id}`."
        )
    mistake = journal.last_mistake(exercise.id)
    slip = exercise.mistakes.get(mistake or "")
    level = journal.hint_given(exercise.id, str(mistake) if slip and slip.hint else "")
    return level, exercise.hints_for(mistake)[level - 1]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _migrate(db: sqlite3.Connection) -> None:
    """Bring the schema up to date, inside the transaction that is open.

    A journal written by a later version of the course is used as it is: it only has more.
    """
    for version in range(_version(db), len(MIGRATIONS)):
        for statement in MIGRATIONS[version].split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {version + 1}")


def _damaged(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


_CAUSES = {
    sqlite3.SQLITE_FULL: "disque plein",
    sqlite3.SQLITE_READONLY: "écriture interdite",
    sqlite3.SQLITE_CANTOPEN: "impossible d'ouvrir le fichier",
    sqlite3.SQLITE_BUSY: "un autre programme l'occupe",
    sqlite3.SQLITE_IOERR: "erreur du disque",
}


def _cause(error: Exception) -> str:
    if isinstance(error, OSError):
        return reason(error)
    return _CAUSES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, str(error))

"""The journal: every attempt, hint and answer shown, kept in the workspace (SQLite)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from checks.exercise import Exercise
from checks.outcome import EnvironmentProblem, Result
from checks.typography import french

MIGRATIONS = (
    """
    CREATE TABLE attempts (
        at REAL NOT NULL, exercise TEXT NOT NULL, status TEXT NOT NULL, mistake TEXT,
        points INTEGER NOT NULL
    );
    CREATE INDEX attempts_by_exercise ON attempts (exercise, at);
    CREATE TABLE hints (at REAL NOT NULL, exercise TEXT NOT NULL, level INTEGER NOT NULL);
    CREATE TABLE solutions (at REAL NOT NULL, exercise TEXT NOT NULL);
    """,
)
"""One script per version of the schema (`PRAGMA user_version`): progress survives updates."""


class Journal:
    """The journal kept in the file `path`; made at the first writing.

    A damaged file is set aside, and `notice` (French) says so. Writing raises
    `EnvironmentProblem` on a full or read-only disk; reading an absent journal finds nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.notice = ""

    def record(self, results: Iterable[Result]) -> None:
        """Keep one attempt per result."""
        now = time.time()
        rows = [(now, r.exercise, str(r.status), r.mistake, r.points) for r in results]
        with self._writing() as database:
            database.executemany("INSERT INTO attempts VALUES (?, ?, ?, ?, ?)", rows)

    def attempts(self, exercise: str) -> int:
        """How many times the exercise was tried and judged (passed or failed)."""
        query = (
            "SELECT COUNT(*) FROM attempts WHERE exercise = ? AND status IN ('passed', 'failed')"
        )
        return int(self._ask(query, exercise)[0][0] or 0)

    def last_mistake(self, exercise: str) -> str | None:
        """The mistake of the last attempt that was judged; None when it passed."""
        query = (
            "SELECT mistake FROM attempts WHERE exercise = ? AND status IN ('passed', 'failed') "
            "ORDER BY at DESC LIMIT 1"
        )
        rows = self._ask(query, exercise)
        return rows[0][0] if rows else None

    def hint_given(self, exercise: str, levels: int) -> int:
        """Advance to the next level of hint, `levels` at most, and return it."""
        query = "SELECT COALESCE(MAX(level), 0) FROM hints WHERE exercise = ?"
        level = min(int(self._ask(query, exercise)[0][0] or 0) + 1, levels)
        with self._writing() as database:
            database.execute("INSERT INTO hints VALUES (?, ?, ?)", (time.time(), exercise, level))
        return level

    def solution_shown(self, exercise: str) -> None:
        """Keep that the answer was read."""
        with self._writing() as database:
            database.execute("INSERT INTO solutions VALUES (?, ?)", (time.time(), exercise))

    def passed(self) -> dict[str, int]:
        """The exercises once passed, with their points."""
        query = (
            "SELECT exercise, MAX(points) FROM attempts WHERE status = 'passed' GROUP BY exercise"
        )
        return {exercise: int(points) for exercise, points in self._ask(query) if exercise}

    def progress(self, exercises: Sequence[Exercise]) -> dict[str, Any]:
        """`{"points", "max_points", "exercises": [{"id", "title", "passed", "points",
        "max_points"}]}`."""
        passed = self.passed()
        rows = [
            {
                "id": e.id,
                "title": e.title,
                "passed": e.id in passed,
                "points": min(passed.get(e.id, 0), e.points),
                "max_points": e.points,
            }
            for e in exercises
        ]
        return {
            "points": sum(int(str(row["points"])) for row in rows),
            "max_points": sum(e.points for e in exercises),
            "exercises": rows,
        }

    def _ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        if not self._path.exists():
            return [(None, None)] if "COUNT" in query or "COALESCE" in query else []
        try:
            with closing(self._open()) as database:
                return database.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            if _damaged(error):
                self._set_aside()
            return [(None, None)] if "COUNT" in query or "COALESCE" in query else []

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                database = self._open()
            except sqlite3.DatabaseError as error:
                if not _damaged(error):
                    raise
                self._set_aside()
                database = self._open()
            with closing(database), database:
                yield database
        except (OSError, sqlite3.Error) as error:
            raise EnvironmentProblem(
                f"Le journal {self._path} ne peut pas être écrit ({error}) : cet essai n'y sera "
                "pas noté. Libérez de la place ou rendez le dossier inscriptible."
            ) from error

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=10)
        try:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version < len(MIGRATIONS):
                database.execute("PRAGMA quick_check")
                with database:
                    database.execute("BEGIN EXCLUSIVE")
                    # Another process may have migrated while this one waited.
                    version = database.execute("PRAGMA user_version").fetchone()[0]
                    for script in MIGRATIONS[version:]:
                        for statement in filter(str.strip, script.split(";")):
                            database.execute(statement)
                    database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
            return database
        except BaseException:
            database.close()
            raise

    def _set_aside(self) -> None:
        aside = self._path.with_name(f"{self._path.name}.abime-{time.strftime('%Y%m%d-%H%M%S')}")
        try:
            self._path.rename(aside)
        except OSError:
            return
        self.notice = french(
            f"Le journal était abîmé : il est mis de côté sous le nom {aside.name}, et un "
            "nouveau commence. Vos fichiers sont intacts ; vérifiez de nouveau vos exercices pour "
            "retrouver votre progression."
        )


def next_hint(journal: Journal, exercise: Exercise) -> tuple[int, str]:
    """The next hint of an exercise, chosen from the mistake last observed: (level, text)."""
    hints = exercise.hints_for(journal.last_mistake(exercise.id))
    level = journal.hint_given(exercise.id, len(hints))
    return level, hints[level - 1]


def _damaged(error: sqlite3.DatabaseError) -> bool:
    return "malformed" in str(error) or "not a database" in str(error)

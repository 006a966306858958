"""Where the driver of a run and the threads that own its workers meet: who is at rest, and what is over."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callaudit.errors import DependencyError, SetupError

if TYPE_CHECKING:
    from callaudit.batch.posts import Post


@dataclass(frozen=True, slots=True)
class Job:
    """A task under way."""

    number: int
    task: Any
    length_ms: int | None


class Desk:
    """Thread-safe; waiting here never holds up whoever brings something."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._hellos: dict[str, Any] = {}
        self._idle: defaultdict[str, list[Post]] = defaultdict(list)
        self._has_room = False  # a worker was loaded that nobody was told of
        self._over: deque[tuple[int, Any]] = deque()
        self._refusal: SetupError | None = None

    def ready(self, role: str, hello: Any, *, is_alike: bool = False) -> None:
        """A worker of this role is loaded.

        Args:
            role: of the worker.
            hello: what it says of itself.
            is_alike: whether it must say the same as the first of its role.

        Raises:
            DependencyError: it says something else.
        """
        with self._news:
            first = self._hellos.setdefault(role, hello)
            if is_alike and hello != first:
                raise DependencyError(
                    "a worker was loaded with other engines than those that the run began with",
                    code="batch.changed",
                    hint="a lexicon, model or program was changed meanwhile: run the same command again, which goes on"
                    " with what is there now",
                )
            self._news.notify_all()

    def rest(self, post: Post) -> None:
        """A worker that was just loaded has nothing to do."""
        with self._news:
            self._idle[post.plan.role].append(post)
            self._has_room = True
            self._news.notify_all()

    def withdraw(self, post: Post) -> bool:
        """A worker at rest is to get no task; False where one is on its way already."""
        with self._news:
            idle = self._idle[post.plan.role]
            if post not in idle:
                return False
            idle.remove(post)
            return True

    def over(self, number: int, result: Any, rested: Post | None = None) -> None:
        """A task is over; its worker, where it goes on, has room for another as soon as anybody can know."""
        with self._news:
            self._over.append((number, result))
            if rested:
                self._idle[rested.plan.role].append(rested)
            self._news.notify_all()

    def refuse(self, error: SetupError) -> None:
        """Nothing can be done until something is repaired; the first to say so is heard."""
        with self._news:
            self._refusal = self._refusal or error
            self._news.notify_all()

    def hellos(self, roles: Collection[str]) -> Mapping[str, Any]:
        """What the first worker of each role says of itself, as soon as there is one of each.

        Raises:
            SetupError: one refused.
        """
        with self._news:
            self._news.wait_for(lambda: self._refusal or self._hellos.keys() >= set(roles))
            if self._refusal:
                raise self._refusal
            return dict(self._hellos)

    def room(self, role: str) -> int:
        """How many workers of a role are at rest."""
        with self._news:
            return len(self._idle[role])

    def take(self, role: str) -> Post:
        """A worker of a role at rest, which it is no longer.

        Raises:
            IndexError: there is none.
        """
        with self._news:
            return self._idle[role].pop()

    def collect(self, timeout_s: float) -> Sequence[tuple[int, Any]]:
        """Tasks that are over, as soon as there is one; empty when the time is up or a worker was loaded.

        Raises:
            SetupError: a worker refused, and everything that was over is collected.
        """
        with self._news:
            self._news.wait_for(lambda: self._over or self._refusal or self._has_room, timeout_s)
            self._has_room = False
            if self._refusal and not self._over:
                raise self._refusal
            over = tuple(self._over)
            self._over.clear()
            return over

"""Recordings as they come in, in order: their bytes are read ahead while other calls are worked on."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread

from callaudit.batch.intake import Taken, Waiting
from callaudit.batch.tasks import Fault
from callaudit.domain.analysis import CallSource, FailedCall

Arrival = tuple[CallSource, Taken | Fault | Waiting]
"""A recording with its bytes at hand, with what is wrong with them, or waiting when patience is over or it is left."""

READERS = 2
"""Threads that read recordings ahead: hashing and downloads leave the interpreter to the others."""
LOOK_AHEAD = 8
"""Recordings read ahead at most."""
CLOSE_S = 0.5
"""What readers are given to end in. A download may take minutes, and a run that is to stop has seconds."""

_Reading = Future[Taken | Waiting | Fault]


class Arrivals:
    """Hands out recordings in the order in which they were found; those still being written come again later.

    A call that failed before it began is handed out as it is.
    """

    def __init__(
        self,
        sources: Iterable[CallSource | FailedCall],
        take: Callable[[CallSource], Taken | Waiting | Fault],
        *,
        patience_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with the first recordings.

        Args:
            sources: what was found.
            take: reads the bytes of one; called in threads.
            patience_s: how long to wait for recordings that are still being written once they are all that is left.
            clock: monotonic seconds.
        """
        self._coming = deque(sources)
        self._take = take
        self._clock = clock
        self._patience_s = patience_s
        self._waits_since_s: float | None = None
        self._is_left: Callable[[CallSource], bool] = lambda source: False
        self._to_read: SimpleQueue[tuple[CallSource, _Reading] | None] = SimpleQueue()
        # Not those of concurrent.futures: the interpreter would wait for them when it ends.
        self._readers = [Thread(target=self._read, daemon=True, name="callaudit-intake") for _ in range(READERS)]
        for reader in self._readers:
            reader.start()
        self._ahead: deque[tuple[CallSource | FailedCall, _Reading | None]] = deque()
        self._written: deque[tuple[float, CallSource]] = deque()
        self._without_room: deque[tuple[float, CallSource]] = deque()

    @property
    def left(self) -> int:
        """Recordings not handed out yet."""
        return self.coming + len(self._written) + len(self._without_room)

    @property
    def coming(self) -> int:
        """Recordings not handed out yet, without those that have to wait."""
        return len(self._coming) + len(self._ahead)

    def next(self, timeout_s: float) -> Arrival | FailedCall | None:
        """The next recording; None where none is there in time, or none is left.

        Args:
            timeout_s: how long to wait for bytes that are being read.
        """
        self._recall()
        self._read_ahead()
        while self._ahead:
            source, future = self._ahead[0]
            if isinstance(source, FailedCall):
                self._ahead.popleft()
                return source
            assert future is not None
            try:
                taken = future.result(timeout_s)
            except TimeoutError:
                return None
            self._ahead.popleft()
            self._read_ahead()
            if not isinstance(taken, Waiting) or self._is_left(source):
                self._waits_since_s = None
                return source, taken
            waiting = self._without_room if taken.is_for_room else self._written
            waiting.append((taken.until_s, source))
        if self._written and not self.coming and self._is_patience_over():
            return self._written.popleft()[1], Waiting(self._clock())
        return None

    def again(self, source: CallSource, until_s: float) -> None:
        """Hand a recording out once more, from a time of the clock on."""
        self._written.append((until_s, source))
        self._waits_since_s = None

    def leave(self, is_left: Callable[[CallSource], bool]) -> list[CallSource]:
        """Hand out no recording that is `is_left`, but for those being read: these at once and as they are.

        Args:
            is_left: asked now, and again whenever one that was being read would have to wait.

        Returns:
            Those that are not handed out.
        """
        self._is_left = is_left
        left: list[CallSource] = []

        def stays(source: CallSource | FailedCall) -> bool:
            if isinstance(source, FailedCall) or not is_left(source):
                return True
            left.append(source)
            return False

        self._coming = deque(source for source in self._coming if stays(source))
        self._written = deque(entry for entry in self._written if stays(entry[1]))
        self._without_room = deque(entry for entry in self._without_room if stays(entry[1]))
        return left

    def close(self) -> None:
        """Read no further; what is being read is not waited for any longer than `CLOSE_S`."""
        for _, future in self._ahead:
            if future is not None:
                future.cancel()
        for _ in self._readers:
            self._to_read.put(None)
        deadline_s = time.monotonic() + CLOSE_S
        for reader in self._readers:
            reader.join(max(0.0, deadline_s - time.monotonic()))

    def taken_ahead(self) -> Iterable[Taken]:
        """What was read and not handed out, to be released; call after `close`."""
        for _, future in self._ahead:
            if future is not None and future.done() and not future.cancelled() and future.exception() is None:
                taken = future.result()
                if isinstance(taken, Taken):
                    yield taken

    def _read_ahead(self) -> None:
        while self._coming and len(self._ahead) < LOOK_AHEAD:
            source = self._coming.popleft()
            future: _Reading | None = None
            if isinstance(source, CallSource):
                future = Future()
                self._to_read.put((source, future))
            self._ahead.append((source, future))

    def _read(self) -> None:
        """Read one recording after another."""
        while (order := self._to_read.get()) is not None:
            source, future = order
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._take(source))
                except BaseException as error:
                    future.set_exception(error)

    def _recall(self) -> None:
        """Look again at recordings whose time has come."""
        for waiting in (self._written, self._without_room):
            for _ in range(len(waiting)):
                due_s, source = waiting.popleft()
                if due_s <= self._clock():
                    self._coming.append(source)
                else:
                    waiting.append((due_s, source))

    def _is_patience_over(self) -> bool:
        if self._waits_since_s is None:
            self._waits_since_s = self._clock()
        return self._clock() - self._waits_since_s > self._patience_s

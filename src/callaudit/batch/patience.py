"""How long somebody else's server is waited for, and how often it is asked again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Limits that end every wait: at the most `tries` × (`stall_s` since the last sign of life), and the pauses."""

    tries: int = 4
    pause_s: float = 0.5
    """Before the second try; doubled before each further one, half of it by chance, so that many do not ask at once."""
    stall_s: float = 60
    """Longest time without a sign of life. With blocks of 1 MiB, the first two at once, 280 kbit/s keep it going."""
    sleep: Callable[[float], None] = time.sleep

    def persist(
        self, work: Callable[[Pulse], Result], is_final: Callable[[Exception], bool], stall_s: float | None = None
    ) -> Result:
        """The result of `work`, which is tried again when it fails or stalls.

        Args:
            work: what to do; gives a sign of life (`pulse.beat`) whenever it gets on.
            is_final: whether an error would only come again.
            stall_s: in place of the usual one, for work that cannot give signs of life.

        Raises:
            Exception: the last error of `work`; `TimeoutError` where it stalled.
        """
        for tried in range(1, self.tries + 1):
            try:
                return _watched(work, stall_s or self.stall_s)
            except Exception as error:
                if tried == self.tries or is_final(error):
                    raise
            self.sleep(self.pause_s * 2 ** (tried - 1) * random.uniform(0.5, 1))
        raise AssertionError("at least one try")


class AbandonedError(Exception):
    """Raised in work that nobody waits for any more."""


class Pulse:
    """Signs of life of some work."""

    def __init__(self) -> None:
        self.last_s = time.monotonic()
        self.is_abandoned = False

    def beat(self) -> None:
        """The work has got on.

        Raises:
            AbandonedError: nobody waits for it any more.
        """
        if self.is_abandoned:
            raise AbandonedError
        self.last_s = time.monotonic()


def _watched(work: Callable[[Pulse], Result], stall_s: float) -> Result:
    """Do work in a thread that can be left behind: a read that never returns cannot be ended otherwise.

    Raises:
        TimeoutError: no sign of life for `stall_s`.
    """
    pulse: Pulse = Pulse()
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work(pulse))
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, daemon=True, name="callaudit-fetch").start()
    try:
        while not future.done():
            left_s = pulse.last_s + stall_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError(f"no sign of life for {stall_s:g} s")
            wait([future], left_s)
    finally:
        pulse.is_abandoned = not future.done()
    return future.result()

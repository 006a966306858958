"""Picklable values from one process to another, with large arrays as they lie in memory.

A call of five minutes has 20 MB of sound: `multiprocessing.Connection` copies it four times and takes twice as long.
"""

from __future__ import annotations

import pickle
import socket
import struct
from typing import Any

_HEAD = struct.Struct("!QI")
"""Bytes of the pickle, and number of arrays beside it."""
_SIZE = struct.Struct("!Q")


class Channel:
    """One end of a connected pair of sockets. Blocks; one thread at an end."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end

    def send(self, value: object) -> None:
        """Hand a value over.

        Raises:
            OSError: nobody is there to take it.
            Exception: it cannot be pickled.
        """
        arrays: list[pickle.PickleBuffer] = []
        body = pickle.dumps(value, protocol=5, buffer_callback=arrays.append)
        views = [array.raw() for array in arrays]
        sizes = b"".join(_SIZE.pack(view.nbytes) for view in views)
        self._socket.sendall(_HEAD.pack(len(body), len(views)) + sizes)
        self._socket.sendall(body)
        for view in views:
            self._socket.sendall(view)

    def recv(self) -> Any:
        """Take a value over.

        Raises:
            EOFError: the other end is closed.
            OSError: it was closed in the middle.
            Exception: what came cannot be unpickled.
        """
        body_bytes, arrays = _HEAD.unpack(self._read(_HEAD.size))
        sizes = [_SIZE.unpack(self._read(_SIZE.size))[0] for _ in range(arrays)]
        body = self._read(body_bytes)
        return pickle.loads(body, buffers=[self._read(size) for size in sizes])

    def is_at_end(self) -> bool:
        """Whether the other end is closed and everything it sent was taken."""
        try:
            return not self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    def _read(self, size: int) -> bytearray:
        taken = bytearray(size)
        rest = memoryview(taken)
        while rest:
            count = self._socket.recv_into(rest)
            if not count:
                raise EOFError
            rest = rest[count:]
        return taken

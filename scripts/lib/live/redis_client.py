"""A Redis client of the few commands that the view needs, so that no package has to be installed for it."""

import socket
from typing import Any


class RedisFailure(Exception):
    """Redis is away, or answered a command with an error."""


class RedisClient:
    """One connection, opened when first needed and again after a failure."""

    def __init__(self, port: int, password: str, timeout_seconds: float = 1.0) -> None:
        self._port = port
        self._password = password
        self._timeout_seconds = timeout_seconds
        self._socket: socket.socket | None = None
        self._buffer = b""

    def ask(self, *commands: tuple[str, ...]) -> list[Any]:
        """Sends the commands at once and returns their answers in order; an error answer is a RedisFailure in the list."""
        try:
            if self._socket is None:
                self._connect()
            return self._exchange(commands)
        except (OSError, ValueError) as error:
            self.close()
            raise RedisFailure(str(error)) from error

    def close(self) -> None:
        """Forgets the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._buffer = b""

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), self._timeout_seconds)
        answer = self._exchange([("AUTH", self._password)])[0]
        if isinstance(answer, RedisFailure):
            raise OSError(str(answer))

    def _exchange(self, commands: Any) -> list[Any]:
        request = b"".join(_encoded(command) for command in commands)
        assert self._socket is not None
        self._socket.sendall(request)
        return [self._answer() for _ in commands]

    def _answer(self) -> Any:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return RedisFailure(rest.decode("utf-8", "replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._bytes(int(rest))
        if kind == b"*":
            return None if rest == b"-1" else [self._answer() for _ in range(int(rest))]
        raise ValueError(f"unexpected answer {line[:20]!r}")

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            self._receive()
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _bytes(self, count: int) -> bytes:
        while len(self._buffer) < count + 2:
            self._receive()
        value, self._buffer = self._buffer[:count], self._buffer[count + 2 :]
        return value

    def _receive(self) -> None:
        assert self._socket is not None
        received = self._socket.recv(65536)
        if not received:
            raise OSError("Redis closed the connection")
        self._buffer += received


def _encoded(command: tuple[str, ...]) -> bytes:
    parts = [part.encode() for part in command]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)

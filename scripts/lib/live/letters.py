"""Dead letters: lines and documents that can never be stored, with the reasons."""

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

from .progress import PREFIX
from .redis_client import RedisClient, RedisFailure
from .run_folder import write_private
from .text import printable

# Letters that are asked for at once; each may have a MiB.
PAGE = 50
REASONS_MAX = 5


class Letters:
    """What `ids:dead` holds at the end of a run, as lines of JSON in a file, and its first reasons for people."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._reasons: Counter[str] = Counter()

    def keep(self, redis: RedisClient) -> None:
        """Writes the file if there is a letter. Of a Redis that is away what has been had until then is kept."""
        position = "-"
        while True:
            try:
                page = redis.ask(("XRANGE", f"{PREFIX}dead", position, "+", "COUNT", str(PAGE)))[0]
            except RedisFailure:
                return
            if not isinstance(page, list) or not page:
                return
            position = "(" + page[-1][0].decode()
            letters = [_letter(values) for _, values in page]
            if self.count == 0:
                write_private(self.path, "")
            with open(self.path, "a", encoding="utf-8") as file:
                file.writelines(json.dumps(letter, ensure_ascii=False) + "\n" for letter in letters)
            self.count += len(letters)
            self._reasons.update(_reason(letter) for letter in letters)

    def first_reasons(self) -> list[str]:
        """Different reasons in the order of their first letters, each with how often it is there."""
        shown = [
            f"{count:,} × {reason}" if count > 1 else reason for reason, count in list(self._reasons.items())[:REASONS_MAX]
        ]
        more = len(self._reasons) - len(shown)
        return shown + ([f"{more:,} other reasons"] if more else [])


def _letter(values: list[bytes]) -> dict[str, Any]:
    """The fields as text; bytes that are no UTF-8 are in `bytes_base64`, as JSON has no other form for them."""
    letter = {}
    for name, value in zip(values[::2], values[1::2]):
        try:
            letter[name.decode()] = value.decode()
        except UnicodeDecodeError:
            letter[name.decode("utf-8", "replace") + "_base64"] = base64.b64encode(value).decode()
    return letter


def _reason(letter: dict[str, Any]) -> str:
    return printable(f"{letter.get('service', 'unknown')}: {letter.get('reason', 'no reason given')}")

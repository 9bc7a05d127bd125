"""Questions to the SQLite event store that the shipper writes. Only reads."""

import ipaddress
import shlex
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .text import shown_path


@dataclass(frozen=True)
class Alert:
    """One alert as a row of the view."""

    time_seconds: float
    severity: int | None
    signature: str
    source: str
    destination: str


class EventStore:
    """Opened when it first exists; every question has an empty answer until then."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._last_sequence = 0

    def latest_alerts(self, count: int) -> list[Alert]:
        """Alerts that were stored since the last call, the newest first, at most `count`."""
        newest = self._ask("SELECT max(seq) FROM events")
        last_sequence = (newest[0][0] or 0) if newest else 0
        if last_sequence <= self._last_sequence:
            return []
        rows = self._ask(
            "SELECT timestamp, severity, signature, src_ip, src_port, dest_ip, dest_port FROM events"
            " WHERE event_type = 'alert' AND seq > ? ORDER BY seq DESC LIMIT ?",
            self._last_sequence,
            count,
        )
        self._last_sequence = last_sequence
        return [
            Alert(row[0] / 1e9, row[1], row[2] or "", _endpoint(row[3], row[4]), _endpoint(row[5], row[6]))
            for row in rows
        ]

    def newest_time_seconds(self) -> float | None:
        """The time of the event that was stored last."""
        rows = self._ask("SELECT timestamp FROM events ORDER BY seq DESC LIMIT 1")
        return rows[0][0] / 1e9 if rows else None

    def count_by_type(self) -> list[tuple[str, int]]:
        """Number of events of each type, the most frequent first."""
        return self._ask("SELECT event_type, count(*) FROM events GROUP BY event_type ORDER BY 2 DESC, 1")

    def top_alerts(self, count: int) -> list[tuple[int, int | None, str]]:
        """Number, worst severity and signature of the most frequent alerts."""
        return self._ask(
            "SELECT alerts, severity, signature FROM rules LIMIT ?", count)

    def example_commands(self) -> list[tuple[str, str]]:
        """What one may want to know, and the command that answers it."""
        path = shlex.quote(shown_path(self.path))
        return [
            (question, f'sqlite3 -readonly -box {path} "{query}"') for question, query in EXAMPLE_QUERIES
        ]

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, query: str, *values: object) -> list[tuple]:
        try:
            if self._connection is None:
                if not self.path.exists():
                    return []
                self._connection = sqlite3.connect(
                    f"file:{quote(str(self.path))}?mode=ro", uri=True, timeout=0.5
                )
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error:
            # Not written yet, or locked for a moment: the next question comes within the second.
            self.close()
            return []


EXAMPLE_QUERIES = [
    ("the latest alerts", "SELECT * FROM alerts LIMIT 10"),
    ("which rules fire most", "SELECT * FROM rules LIMIT 10"),
    ("who talks most", "SELECT * FROM talkers LIMIT 10"),
    ("the names that are looked up", "SELECT * FROM names LIMIT 10"),
]


def _endpoint(address: str | None, port: int | None) -> str:
    if not address:
        return "-"
    try:
        # Suricata writes IPv6 addresses in full.
        address = ipaddress.ip_address(address).compressed
    except ValueError:
        pass
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

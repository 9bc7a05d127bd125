"""Against a real Redis, with streams and totals as the services leave them."""

import base64
import json
import re
from pathlib import Path

from live.letters import Letters
from live.progress import OPENSEARCH_STAGE, PREFIX, REJECTED, STAGES, Progress, RateHistory

CONTRACT = Path(__file__).parents[2] / "docs/event-contract.md"


def words(heading):
    """The rows of the contract's table below a heading, each with the words in backticks of its cells."""
    section = CONTRACT.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("|")]
    return [[re.findall("`([^`]+)`", cell) for cell in row] for row in rows[2:]]


def test_the_view_uses_the_words_of_the_contract():
    counters = {name: row[1] for row in words("Totals") for name in row[0]}
    streams = {row[0][0]: row[1][0] for row in words("Groups and pending entries")}
    for source in [*STAGES, OPENSEARCH_STAGE]:
        assert {source.counter, REJECTED} <= set(counters[f"{PREFIX}totals:{source.totals}"])
        assert source.group is None or streams.pop(source.group) == PREFIX + source.stream
    assert not streams


def seen(redis):
    progress = Progress(redis.client, with_opensearch=False)
    progress.update(0.0)
    return progress


def test_what_any_store_refused_is_rejected(redis):
    redis.client.ask(
        ("HSET", "ids:totals:eve-reader", "events", "5", "rejected", "1"),
        ("HSET", "ids:totals:local", "stored", "4", "rejected", "0"),
        ("HSET", "ids:totals:opensearch", "stored", "0", "rejected", "4"),
    )
    progress = Progress(redis.client, with_opensearch=True)
    progress.update(0.0)
    assert progress.rejected == 5 and progress.refused_by_store == [("opensearch", 4)]


def test_letters_are_kept_whole_with_their_reasons(redis, tmp_path):
    for number in range(120):
        redis.client.ask(("XADD", "ids:dead", "*", "service", "eve-reader", "reason", f"not JSON\x1b {number % 7}", "bytes", "ü"))
    redis.client._socket.sendall(b"*5\r\n$4\r\nXADD\r\n$8\r\nids:dead\r\n$1\r\n*\r\n$5\r\nbytes\r\n$2\r\n\xff\xfe\r\n")
    redis.client._answer()
    letters = Letters(tmp_path / "rejected.ndjson")
    letters.keep(redis.client)
    kept = [json.loads(line) for line in letters.path.read_text().splitlines()]
    assert len(kept) == letters.count == 121
    assert kept[0] == {"service": "eve-reader", "reason": "not JSON\x1b 0", "bytes": "ü"}
    assert base64.b64decode(kept[-1]["bytes_base64"]) == b"\xff\xfe"
    assert letters.path.stat().st_mode & 0o077 == 0
    reasons = letters.first_reasons()
    assert reasons[0] == "18 × eve-reader: not JSON· 0" and reasons[-1] == "3 other reasons" and len(reasons) == 6


def test_without_letters_there_is_no_file(redis, tmp_path):
    letters = Letters(tmp_path / "rejected.ndjson")
    letters.keep(redis.client)
    assert letters.count == 0 and not letters.path.exists()


def test_an_empty_redis_is_a_drained_pipeline(redis):
    progress = seen(redis)
    assert progress.is_drained and progress.stored == 0 and not progress.is_redis_away


def test_totals_and_waiting(redis):
    redis.client.ask(
        ("HSET", "ids:totals:eve-reader", "events", "100", "bytes", "70000", "rejected", "1"),
        ("HSET", "ids:totals:ecs-transformer", "events", "80", "rejected", "5"),
        ("HSET", "ids:totals:local", "stored", "50", "rejected", "0"),
        ("XADD", "ids:dead", "*", "reason", "not JSON"),
        ("XADD", "ids:raw", "*", "b", "x"),
        ("XGROUP", "CREATE", "ids:raw", "ecs-transformer", "0"),
        ("XADD", "ids:ecs", "*", "b", "x"),
        ("XGROUP", "CREATE", "ids:ecs", "local", "0"),
    )
    progress = seen(redis)
    assert [stage.waiting for stage in progress.stages] == [0, 15, 30]
    assert progress.rejected == 6 and progress.dead_letters == 1
    assert not progress.is_drained


def test_drained_means_read_and_acknowledged_also_after_trimming(redis):
    client = redis.client
    client.ask(("XGROUP", "CREATE", "ids:ecs", "local", "0", "MKSTREAM"))
    entry = client.ask(("XADD", "ids:ecs", "*", "b", "x"))[0].decode()
    assert not seen(redis).is_drained
    client.ask(("XREADGROUP", "GROUP", "local", "me", "STREAMS", "ids:ecs", ">"))
    assert not seen(redis).is_drained
    client.ask(("XACK", "ids:ecs", "local", entry), ("XTRIM", "ids:ecs", "MAXLEN", "0"))
    assert seen(redis).is_drained


def test_a_redis_that_is_away_keeps_the_last_values(redis):
    client = redis.client
    client.ask(("HSET", "ids:totals:local", "stored", "7"))
    progress = seen(redis)
    redis.child.process.kill()
    redis.child.process.wait()
    progress.update(1.0)
    assert progress.is_redis_away and progress.stored == 7 and not progress.is_drained


def test_only_the_password_opens_it(redis, folder):
    from live.redis_client import RedisClient, RedisFailure

    stranger = RedisClient(redis.port, "wrong")
    try:
        stranger.ask(("PING",))
        raise AssertionError("a wrong password was accepted")
    except RedisFailure as failure:
        assert "WRONGPASS" in str(failure)
    assert (folder.path / "redis.conf").stat().st_mode & 0o077 == 0


def test_rate_history():
    history = RateHistory()
    for second in range(10):
        history.add(float(second), second * 100)
    assert history.current == 100
    assert list(history.per_second) == [100.0] * 9
    # A Redis that lost its last second counts backwards for a moment: no negative rate.
    history.add(10.0, 0)
    assert history.current == 0 and history.per_second[-1] == 0

"""Redis absent, killed, started again and full: nothing is lost, nothing is doubled."""

import signal
import time
from pathlib import Path

import pytest

from support import eve
from support.waiting import until

COUNT = 20_000


def test_redis_absent_at_the_start(stack):
    eve.append(stack.eve, eve.lines(100))
    for service in stack.services:
        service.start()
    for service in stack.services:
        until(lambda: service.get("/readyz")[0] == 503, f"{service.name} to say that it is not ready")
        assert "redis" in service.get("/readyz")[1]
        assert service.get("/healthz")[0] == 200
    stack.redis.start()
    stack.until_stored(100)
    for service in stack.services:
        service.until_ready()


def test_redis_killed_and_restarted_in_the_middle(stack):
    stack.start()
    for part in range(4):
        eve.append(stack.eve, eve.lines(COUNT // 4, first=part * COUNT // 4))
        time.sleep(0.1)
        stack.redis.kill()
        time.sleep(0.1)
        stack.redis.start()
    stack.until_stored(COUNT, seconds=60)
    assert eve.flow_numbers(stack.documents().values()) == list(range(COUNT))
    assert all(service.running for service in stack.services)


def test_redis_that_forgets_everything(new_stack):
    stack = new_stack(redis_options={"appendonly": "no"})
    eve.append(stack.eve, eve.lines(2000))
    stack.start()
    stack.until_stored(2000)
    stack.redis.kill()
    eve.append(stack.eve, eve.lines(500, first=2000))
    stack.redis.start()
    stack.until_stored(2500, seconds=60)
    assert eve.flow_numbers(stack.documents().values()) == list(range(2500))


def test_redis_full(new_stack):
    # The writers are not to stop by themselves before Redis refuses.
    stack = new_stack(redis_options={"maxmemory": "4mb"}, settings={"redis.memory_max_percent": 100})
    stack.start()
    shipper = stack.shippers["sqlite"]
    shipper.kill()
    eve.many(stack.eve, 100_000)
    until(lambda: "errorstat_OOM" in stack.redis.client.info("errorstats"), "Redis to refuse writes")
    # Whose write comes first to a full Redis is chance, and it may be unready for a moment only.
    writers = (stack.reader, stack.transformer)
    until(lambda: any("outOfMemory" in writer.log for writer in writers), "a writer to say that Redis is full")
    shipper.start()
    stack.redis.client.config_set("maxmemory", "64mb")
    stack.until_stored(100_000, seconds=60)
    for writer in writers:
        writer.until_ready()
    assert len(stack.stored_ids()) == 100_000


def needs_password(client):
    client.config_set("requirepass", "secret")
    client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    return lambda: client.execute_command("CONFIG", "SET", "requirepass", "")


def read_only(client):
    client.execute_command("REPLICAOF", "127.0.0.1", "1")
    return lambda: client.execute_command("REPLICAOF", "NO", "ONE")


def cannot_save(client):
    folder = Path(client.config_get("dir")["dir"]) / "gone"
    folder.mkdir()
    client.config_set("dir", str(folder))
    folder.rmdir()
    client.config_set("save", "1 1")
    client.set("something", "to save")
    until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", "a save to fail", every=0.1)
    return lambda: client.config_set("stop-writes-on-bgsave-error", "no")


@pytest.mark.parametrize("fault, word", [(needs_password, "NOAUTH"), (read_only, "READONLY"), (cannot_save, "MISCONF")])
def test_redis_that_refuses_is_waited_for(new_stack, fault, word):
    """What an operator or Redis itself mends is said in /readyz, waited for, and lost nothing over."""
    stack = new_stack(redis_options={"appendonly": "no", "enable-protected-configs": "yes"})
    stack.start()
    eve.append(stack.eve, eve.lines(100))
    stack.until_stored(100)
    mend = fault(stack.redis.client)
    eve.append(stack.eve, eve.lines(100, first=100))
    until(lambda: stack.reader.get("/readyz")[0] == 503 and word in stack.reader.get("/readyz")[1].upper(),
          lambda: f"{word} in the reader's /readyz, which is {stack.reader.get('/readyz')[1]}", 30)
    mend()
    stack.until_stored(200)
    assert eve.flow_numbers(stack.documents().values()) == list(range(200))
    stack.reader.until_ready()


def test_redis_that_loads_its_data_for_a_while(new_stack):
    stack = new_stack()
    stack.start()
    eve.append(stack.eve, eve.lines(100))
    stack.until_stored(100)
    with stack.redis.client.pipeline() as pipeline:
        for number in range(2000):
            pipeline.set(f"other:{number}", number)
        pipeline.execute()
    stack.redis.kill()
    eve.append(stack.eve, eve.lines(100, first=100))
    stack.redis.arguments += ["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"]
    stack.redis.start()  # answers LOADING for two seconds
    stack.until_stored(200)


def test_redis_that_hangs(new_stack):
    stack = new_stack(settings={"redis.command_timeout_ms": 500})
    stack.start()
    stack.redis.signal(signal.SIGSTOP)
    eve.append(stack.eve, eve.lines(1000))
    until(lambda: stack.reader.get("/readyz")[0] == 503, "the reader to miss Redis")
    assert stack.reader.get("/healthz")[0] == 200
    stack.redis.signal(signal.SIGCONT)
    stack.until_stored(1000)
    assert eve.flow_numbers(stack.documents().values()) == list(range(1000))


def test_backlog_in_redis_stays_within_its_budget(new_stack):
    budget = 1 << 20
    stack = new_stack(settings={"eve_reader.stream_bytes_max": budget, "ecs_transformer.stream_bytes_max": budget})
    stack.start()
    stack.shippers["sqlite"].kill()
    eve.many(stack.eve, 150_000)
    until(lambda: stack.totals("eve-reader").get("events", 0) > 0, "the reader to begin")
    most, since, last = 0, time.monotonic(), -1
    while time.monotonic() - since < 1.5:  # until the reader has stood still for a while
        usage = sum(stack.redis.client.memory_usage(stack.key(name), samples=0) or 0 for name in ("raw", "ecs"))
        most = max(most, usage)
        read = stack.totals("eve-reader")["events"]
        if read != last:
            last, since = read, time.monotonic()
        time.sleep(0.05)
    assert last < 150_000, "the reader did not stop reading"
    # What is in flight when the budget is reached comes on top: some batches for each stream.
    assert most < 2 * budget + 8 * (1 << 20)
    stack.shippers["sqlite"].start()
    stack.until_stored(150_000, seconds=60)


def test_acknowledged_entries_are_trimmed(stack):
    stack.start()
    for part in range(5):
        eve.append(stack.eve, eve.lines(200, first=part * 200))
        stack.until_stored((part + 1) * 200)
    for name in ("raw", "ecs"):
        until(lambda: stack.redis.client.xlen(stack.key(name)) <= 1, f"{name} to be trimmed")


def test_a_missing_group_is_made_again(stack):
    stack.start()
    eve.append(stack.eve, eve.lines(50))
    stack.until_stored(50)
    stack.redis.client.xgroup_destroy(stack.key("raw"), "ecs-transformer")
    stack.redis.client.xgroup_destroy(stack.key("ecs"), "local")
    eve.append(stack.eve, eve.lines(50, first=50))
    stack.until_stored(100)


def test_a_key_of_the_wrong_type_ends_the_service_and_is_said(stack):
    """Another program uses the name: no waiting mends that, so the service ends and names the key."""
    stack.redis.start()
    stack.redis.client.set(stack.key("raw"), "not a stream")
    eve.append(stack.eve, eve.lines(10))
    for service in (stack.reader, stack.transformer):
        service.start()
        assert service.wait() not in (0, 2)
        assert "WRONGTYPE" in service.log and stack.key("raw") in service.log
    stack.redis.client.delete(stack.key("raw"))
    stack.start()
    stack.until_stored(10)


def test_letters_that_cannot_be_kept_are_said(stack):
    """Whoever may write dead letters can write one with the highest id; then Redis takes no other. Events go on, and
    every service whose letters are lost is not ready and says why, until somebody makes room."""
    stack.redis.start()
    client, dead = stack.redis.client, stack.key("dead")
    client.xadd(dead, {"reason": "none"}, id=f"{2**64 - 1}-{2**64 - 1}")
    stack.start()
    eve.append(stack.eve, eve.lines(10) + b"nonsense\n")
    stack.until_stored(10)
    until(lambda: stack.transformer.get("/readyz")[0] == 503, "the loss to be said")
    reason = stack.transformer.readiness["parts"]["dead_letters"]["reason"]
    assert dead in reason and "renamed" in reason
    assert client.hget(stack.key("totals:dead"), "lost") == b"1"
    client.rename(dead, stack.key("kept"))
    eve.append(stack.eve, b"nonsense again\n" + eve.lines(10, first=10))
    stack.until_stored(20)
    stack.transformer.until_ready()
    assert client.xlen(dead) == 1


def test_a_stream_that_takes_nothing_more_loses_nothing(stack):
    stack.redis.start()
    client = stack.redis.client
    for name in ("raw", "ecs"):
        client.xadd(stack.key(name), {"b": "none"}, id=f"{2**64 - 1}-{2**64 - 1}")
    eve.append(stack.eve, eve.lines(100))
    stack.reader.start()
    until(lambda: "takes nothing more" in stack.reader.get("/readyz")[1], "the reader to say what is wrong")
    assert not client.exists(stack.key("checkpoint:sensor-under-test"))
    client.delete(stack.key("raw"))
    stack.transformer.start()
    until(lambda: "takes nothing more" in stack.transformer.get("/readyz")[1], "the transformer to say what is wrong")
    client.delete(stack.key("ecs"))
    stack.start()
    stack.until_stored(100)
    assert eve.flow_numbers(stack.documents().values()) == list(range(100))

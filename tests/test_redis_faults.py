"""Redis absent, killed, started again and full: nothing is lost, nothing is doubled."""

import time

import eve
from waiting import until

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
    stack = new_stack(redis_options={"maxmemory": "4mb"})
    stack.start()
    shipper = stack.shippers["sqlite"]
    shipper.kill()
    eve.many(stack.eve, 100_000)
    until(lambda: "errorstat_OOM" in stack.redis.client.info("errorstats"), "Redis to refuse writes")
    until(lambda: stack.reader.get("/readyz")[0] == 503, "the reader to say that Redis is full")
    shipper.start()
    stack.redis.client.config_set("maxmemory", "64mb")
    stack.until_stored(100_000, seconds=60)
    stack.reader.until_ready()
    assert len(stack.stored_ids()) == 100_000


def test_backlog_in_redis_stays_within_its_budget(new_stack):
    budget = 2 << 20
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

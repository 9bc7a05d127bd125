"""SIGKILL in a loop: afterwards the stores hold exactly what a run without faults gives."""

import random
import threading
import time

from support import eve, opensearch
from support.waiting import until

COUNT = 200_000


def test_each_service_killed_in_a_loop(new_stack, request, tmp_path):
    """With OpenSearch as the second store where there is one."""
    node = None if opensearch.why_absent() else request.getfixturevalue("opensearch")
    stack = new_stack(sinks=("opensearch", "sqlite") if node else ("sqlite",), opensearch=node and node.url)
    source = tmp_path / "source.json"
    eve.many(source, COUNT)
    stack.start()
    stop = threading.Event()
    writer = threading.Thread(target=eve.write_steadily, args=(stack.eve, source, 997 * 1021, 0.05, stop))
    writer.start()
    chance, kills = random.Random(7), 0
    try:
        while writer.is_alive() or kills < 48:
            time.sleep(chance.uniform(0.02, 0.3))
            stack.services[kills % len(stack.services)].restart()
            kills += 1
    finally:
        stop.set()
        writer.join()
    stack.until_stored(COUNT, seconds=120)
    ids = stack.stored_ids()

    quiet = new_stack(eve=stack.eve)
    quiet.start()
    quiet.until_stored(COUNT, seconds=120)
    assert quiet.stored_ids() == ids
    assert stack.dead_letters() == []
    if node:
        stack.until_acknowledged("opensearch", COUNT, seconds=180)
        assert node.documents(stack.name, source=False).keys() == ids
        assert node.count(stack.name) == COUNT


def test_redis_and_the_services_killed_together(new_stack):
    """As when the power goes: everything at once, several times."""
    stack = new_stack()
    for part in range(4):
        stack.start(ready=False)
        eve.append(stack.eve, eve.lines(3000, first=part * 3000))
        until(lambda: stack.totals("eve-reader").get("events", 0) > part * 3000, "the reader to go on")
        for process in stack.processes:
            process.kill()
    stack.start()
    stack.until_stored(12_000, seconds=60)
    assert eve.flow_numbers(stack.documents().values()) == list(range(12_000))


def test_entries_of_a_consumer_that_never_comes_back_are_claimed(new_stack):
    stack = new_stack(settings={"ecs_transformer.claim_after_ms": 1000, "opensearch_shipper.claim_after_ms": 1000})
    stack.redis.start()
    eve.append(stack.eve, eve.lines(500))
    stack.reader.start()
    until(lambda: stack.totals("eve-reader").get("events", 0) == 500, "all to be read")
    raw = stack.key("raw")
    try:
        stack.redis.client.xgroup_create(raw, "ecs-transformer", "0", mkstream=True)
    except Exception as error:  # the group is there already
        assert "BUSYGROUP" in str(error)
    taken = stack.redis.client.xreadgroup("ecs-transformer", "somebody-else", {raw: ">"}, count=100)
    assert taken, "the other consumer got nothing"
    stack.start()
    stack.until_stored(500, seconds=40)

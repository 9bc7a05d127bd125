"""Many sensors into one Redis and one store, told apart by their names; several pipelines in one Redis, by prefix."""

from contextlib import contextmanager

from support import eve, manifests
from support.processes import REPOSITORY, Service, free_port
from support.waiting import until

COUNT = 3000


@contextmanager
def another_reader(stack, sensor):
    """A reader as on another machine: its own name, file and port; the Redis and the prefix of the stack."""
    folder = stack.directory / "elsewhere"
    folder.mkdir()
    port = free_port()
    config = folder / "config.yaml"
    config.write_text(
        f"sensor: {{name: {sensor}}}\n"
        f"redis: {{host: 127.0.0.1, port: {stack.redis.port}, prefix: '{stack.name}:', backoff_max_ms: 500}}\n"
        f"eve_reader: {{path: {folder / 'eve.json'}, http_port: {port}}}\n")
    (folder / "eve.json").touch()
    reader = Service("eve-reader", folder, config, port, instance="-elsewhere")
    reader.eve = folder / "eve.json"
    try:
        yield reader
    finally:
        reader.kill()


def by_sensor(documents):
    """The numbers of the events, sorted, by the sensor that their documents name."""
    found = {}
    for document in documents:
        found.setdefault(document["observer"]["name"], []).append(eve.number(document))
    return {sensor: sorted(numbers) for sensor, numbers in found.items()}


def test_two_sensors_that_see_the_same_lines(stack):
    with another_reader(stack, "attic") as attic:
        for path in (stack.eve, attic.eve):
            eve.append(path, eve.lines(COUNT))
        stack.start()
        attic.start().until_ready()
        stack.until_stored(2 * COUNT)
        # Either restarts alone, and goes on where it was.
        attic.kill()
        eve.append(attic.eve, eve.lines(100, first=COUNT))
        eve.append(stack.eve, eve.lines(50, first=COUNT))
        stack.until_stored(2 * COUNT + 50)
        attic.start().until_ready()
        stack.until_stored(2 * COUNT + 150)
        assert by_sensor(stack.documents().values()) == {
            "sensor-under-test": list(range(COUNT + 50)), "attic": list(range(COUNT + 100))}
        for sensor in ("sensor-under-test", "attic"):
            assert stack.redis.client.hlen(stack.key(f"checkpoint:{sensor}")) == 1
        assert stack.totals("eve-reader")["events"] == 2 * COUNT + 150
        assert [reader.metrics()["ids_eve_reader_name_conflicts_total"] for reader in (stack.reader, attic)] == [0, 0]


def test_the_same_name_twice_is_said_and_loses_nothing(stack):
    with another_reader(stack, "sensor-under-test") as other:
        eve.append(stack.eve, eve.lines(COUNT))
        eve.append(other.eve, eve.lines(COUNT, first=COUNT))
        stack.start()
        other.start().until_ready()
        for reader in (stack.reader, other):
            until(lambda reader=reader: reader.metrics()["ids_eve_reader_name_conflicts_total"] > 0,
                  f"{reader.name} to notice the other", 30)
            until(lambda reader=reader: "Another reader has the same sensor name" in reader.log, "the warning")
        # A start looks at what is stored, and finds the other's file there as well.
        other.restart().until_ready()
        eve.append(stack.eve, eve.lines(100, first=2 * COUNT))
        eve.append(other.eve, eve.lines(100, first=2 * COUNT + 100))
        stack.until_stored(2 * (COUNT + 100))
        assert by_sensor(stack.documents().values()) == {"sensor-under-test": list(range(2 * (COUNT + 100)))}
        other.terminate()
        until(lambda: "No other reader has this sensor name any more" in stack.reader.log, "the end of the conflict", 30)


def test_two_readers_of_one_file_store_it_once(stack):
    with another_reader(stack, "sensor-under-test") as other:
        stack.eve.touch()
        other.eve.unlink()
        other.eve.hardlink_to(stack.eve)
        stack.start()
        other.start().until_ready()
        for first in range(0, COUNT, 100):
            eve.append(stack.eve, eve.lines(100, first=first))
        stack.until_stored(COUNT)
        until(lambda: stack.waiting_entries("ecs", "local") == 0, "everything to be acknowledged")
        assert stack.stored() == COUNT


def test_pipelines_with_two_prefixes_share_a_redis(new_stack):
    first = new_stack()
    first.start()
    second = new_stack(redis=first.redis)
    second.start()
    eve.append(first.eve, eve.lines(COUNT))
    eve.append(second.eve, eve.lines(500))
    first.until_stored(COUNT)
    second.until_stored(500)


def test_several_transformers_share_the_work_and_the_lag_is_known(new_stack):
    stack = new_stack(settings={"eve_reader.batch_events": 20, "ecs_transformer.claim_after_ms": 2000})
    more = []
    for number in range(2):
        port = free_port()
        more.append(Service(
            "ecs-transformer", stack.directory, stack.config, port, instance=f"-{number}",
            extra=("--set", f"ecs_transformer.http_port={port}", "--set", f"ecs_transformer.consumer_name=more-{number}")))
    try:
        stack.start()
        for transformer in more:
            transformer.start().until_ready()
        eve.append(stack.eve, eve.lines(COUNT))
        stack.until_stored(COUNT)
        shares = [transformer.metrics()["ids_ecs_transformer_batches_total"] for transformer in (stack.transformer, *more)]
        assert sum(shares) >= COUNT / 20 and all(shares), shares
        # A scaler needs the number of batches that nobody has taken: it must be known after batches were removed, too.
        for transformer in (stack.transformer, *more):
            transformer.kill()
        eve.append(stack.eve, eve.lines(200, first=COUNT))

        def lag():
            return next(row["lag"] for row in stack.redis.client.xinfo_groups(stack.key("raw")))

        until(lambda: lag() >= 10, lambda: f"a lag of 10 batches, but it is {lag()}")
    finally:
        for transformer in more:
            transformer.kill()


def test_the_scaler_may_ask_redis(stack):
    stack.redis.start()
    rules = [line for line in (REPOSITORY / "redis/users.acl").read_text().splitlines() if line.startswith("user ")]
    for rule in rules:
        name, *words = rule.split()[1:]
        stack.redis.client.execute_command(
            "ACL", "SETUSER", name, *(">password" if word.startswith("#{") else word for word in words
                                      if name != "default"))
    stack.redis.client.xgroup_create("ids:raw", "ecs-transformer", mkstream=True)
    stack.redis.client.xgroup_create("ids:ecs", "opensearch", mkstream=True)
    for user, (stream, group) in manifests.STREAMS.items():
        with stack.redis.client.client() as connection:
            connection.execute_command("AUTH", user, "password")
            connection.execute_command("INFO", "server")
            assert [row["name"].decode() for row in connection.xinfo_groups(f"ids:{stream}")] == [group]

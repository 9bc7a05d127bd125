"""The users of redis/users.acl with the oldest Redis that there is: the containers' tests run the services with them."""

import hashlib
import re

import pytest
import redis

from support.processes import REPOSITORY, RedisServer

STAGES = ("eve-reader", "ecs-transformer", "opensearch-shipper", "local-store")


def users_file(folder):
    """The users of redis/users.acl, each with its name for a password, as a file in the folder."""
    def hashed(match):
        return hashlib.sha256(match[1].removeprefix("redis-").encode()).hexdigest()

    lines = [line for line in (REPOSITORY / "redis/users.acl").read_text().splitlines() if line.startswith("user ")]
    (folder / "users.acl").write_text("".join(re.sub(r"{([a-z-]+)}", hashed, line) + "\n" for line in lines))
    return folder / "users.acl"


@pytest.fixture(scope="module")
def as_user(tmp_path_factory):
    """A client for a user of the file, whose password is its name."""
    folder = tmp_path_factory.mktemp("redis-users")
    server = RedisServer(folder, aclfile=users_file(folder))
    server.client = redis.Redis(port=server.port, username="admin", password="admin")
    server.start()
    yield lambda name: redis.Redis(port=server.port, username=name, password=name)
    server.kill()


READING_LETTERS = (
    "XRANGE ids:dead - +", "XREVRANGE ids:dead + -", "XREAD STREAMS ids:dead 0", "XINFO STREAM ids:dead", "DUMP ids:dead",
    "XCLAIM ids:dead g c 0 0-1", "SORT ids:dead", "COPY ids:dead ids:raw", "RENAME ids:dead ids:raw")


@pytest.mark.parametrize("name", [*STAGES, "metrics-exporter"])
def test_only_the_operator_reads_dead_letters(as_user, name):
    as_user("admin").xadd("ids:dead", {"reason": "secret"})
    client = as_user(name)
    for command in READING_LETTERS:
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.execute_command(*command.split())
        script = f"return redis.call({', '.join(map(repr, command.split()))})"
        with pytest.raises(redis.exceptions.ResponseError, match="can't run this command|can't access"):
            client.execute_command("EVAL_RO" if name == "metrics-exporter" else "EVAL", script, 0)
    assert client.xlen("ids:dead") >= 1


def test_the_page_reads_letters_and_moves_what_is_in_them_back(as_user):
    letter = as_user("admin").xadd("ids:dead", {"reason": "mended"})
    client = as_user("control-plane")
    assert client.xrange("ids:dead", letter, letter) == [(letter, {b"reason": b"mended"})]
    script = """
        redis.call('XADD', KEYS[3], '*', 'b', 'batch')
        redis.call('HINCRBY', KEYS[2], 'replayed', 1)
        return redis.call('XDEL', KEYS[1], ARGV[1])"""
    for stream in ("ids:raw", "ids:ecs"):
        client.eval(script, 3, "ids:dead", "ids:totals:dead", stream, letter)
    assert client.xrange("ids:dead", letter, letter) == []


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_writes_and_bounds_them(as_user, name):
    client = as_user(name)
    script = """
        redis.call('XADD', KEYS[1], '*', 'reason', 'none')
        redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', 10000)
        redis.call('HINCRBY', KEYS[2], 'written', 1)
        return redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', 0)"""
    assert client.eval(script, 2, "ids:dead", "ids:totals:dead") > 0


# A right on one key is none on another.
CROSSED = {
    "eve-reader": ("HGETALL ids:totals:eve-reader", "XADD ids:ecs * b x", "XTRIM ids:raw MAXLEN 0", "HSET ids:totals:dead x 1"),
    "ecs-transformer": ("XADD ids:raw * b x", "XREADGROUP GROUP local x STREAMS ids:ecs >", "XTRIM ids:ecs MAXLEN 0"),
    "opensearch-shipper": ("XADD ids:ecs * b x", "HSET ids:totals:opensearch stored 0"),
    "local-store": ("XADD ids:ecs * b x", "HSET ids:totals:local stored 0", "HGETALL ids:stores"),
    "control-plane": ("XADD ids:dead * reason x", "XTRIM ids:dead MAXLEN 0", "XDEL ids:raw 0-1", "XTRIM ids:ecs MAXLEN 0",
                      "XACK ids:ecs local 0-1", "XREADGROUP GROUP local x STREAMS ids:ecs >", "HSET ids:suricata x 1",
                      "HGETALL ids:checkpoint:x", "DEL ids:dead", "CONFIG GET *"),
    "metrics-exporter": ("HGETALL ids:checkpoint:x", "XRANGE ids:dead - +", "HSET ids:suricata x 1"),
}


@pytest.mark.parametrize("name", CROSSED)
def test_rights_are_bound_to_single_keys(as_user, name):
    for command in CROSSED[name]:
        with pytest.raises(redis.exceptions.NoPermissionError):
            as_user(name).execute_command(*command.split())

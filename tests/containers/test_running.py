"""A running composition: health, confinement, rights in Redis, faults."""

import contextlib
import json
import random
import re
import sqlite3
import ssl
import threading
import time
import urllib.request

import pytest

from support import engine, eve
from support.waiting import until

COUNT = 200_000
TRANSFORMERS, SHIPPERS = 3, 2
OURS = ("eve-reader", "ecs-transformer", "local-store", "metrics-exporter", "control-plane")


@pytest.fixture(scope="module")
def opensearch(reachable_opensearch):
    """None where there is no OpenSearch: then only the local store is filled."""
    return reachable_opensearch


@pytest.fixture(scope="module")
def running(new_composition, opensearch):
    """Everything but Grafana and cadvisor, scaled."""
    scale = ["--scale", f"ecs-transformer={TRANSFORMERS}"]
    override = "services:\n  redis: { healthcheck: { interval: 2s } }\n"
    if not opensearch:
        return new_composition(override=override).up(*scale, "--scale", f"local-store={SHIPPERS}")
    # The way to the host's OpenSearch; both stores must have everything.
    override += "  opensearch-shipper: { extra_hosts: ['host.docker.internal:host-gateway'] }\n"
    composition = new_composition(
        profiles="opensearch", override=override,
        environment={"OPENSEARCH_ENDPOINT": opensearch[1], "REQUIRED_GROUPS": "opensearch,local"})
    return composition.up(*scale, "--scale", f"opensearch-shipper={SHIPPERS}")


def test_all_are_healthy(running):
    containers = running.containers()
    assert {name: one["State"]["Health"]["Status"] for name, one in containers.items()} == dict.fromkeys(
        containers, "healthy")
    assert len(running.containers("ecs-transformer")) == TRANSFORMERS


def test_the_engine_confines_them(running):
    for name, one in running.containers().items():
        host = one["HostConfig"]
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["CapAdd"], name
        assert "no-new-privileges:true" in host["SecurityOpt"] and not host["Privileged"], name
        assert host["Memory"] > 0 and host["NanoCpus"] > 0 and host["PidsLimit"] > 0, name
        assert host["LogConfig"]["Config"] == {"max-size": "5m", "max-file": "3"}, name
        assert one["Config"]["User"] not in ("", "0", "root"), name
        published = {port for port, places in (one["NetworkSettings"]["Ports"] or {}).items() if places}
        assert published == ({"8000/tcp"} if name.startswith("control-plane") else set()), name


def test_only_who_needs_the_outside_has_a_way_there(running):
    ways = {}
    for name in running.containers():
        service = name.rsplit("-", 1)[0]
        routes = running.compose("exec", "-T", service, "cat", "/proc/net/route").splitlines()[1:]
        ways[service] = any(route.split()[1] == "00000000" for route in routes)
    # That of the page is the way to who asks it, which leads nowhere else: see the next test.
    assert {name for name, has_one in ways.items() if has_one} == ways.keys() & {
        "opensearch-shipper", "metrics-exporter", "control-plane"}


def test_a_port_is_reached_from_the_host_and_leads_nowhere(new_composition):
    """As Grafana has one: its image may not be here, so another one stands in for it."""
    override = """
services:
  published:
    image: prom/node-exporter:v1.11.1
    command: [--collector.disable-defaults]
    networks: [ids-network, ids-published]
    ports: ["127.0.0.1::9100"]
"""
    composition = new_composition(override=override).up("published")
    address = composition.compose("port", "published", "9100").strip()

    def answers():
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
            return answer.status == 200

    until(answers, f"an answer on {address}")
    networks = next(iter(composition.containers("published").values()))["NetworkSettings"]["Networks"]
    described = json.loads(engine.run("docker", "network", "inspect", *networks))
    assert sorted((network["Internal"], network["Options"].get("com.docker.network.bridge.enable_ip_masquerade"))
                  for network in described) == [(False, "false"), (True, None)]


def test_the_page_shows_the_store_that_it_cannot_write(new_composition):
    composition = new_composition().up("eve-reader", "ecs-transformer", "local-store", "control-plane")
    eve.append(composition.eve, eve.lines(20))
    until(lambda: composition.stored() == 20, "the events to be stored", 60)
    address = composition.compose("port", "control-plane", "8000").strip()
    link = composition.compose("exec", "-T", "control-plane", "/usr/local/bin/control-plane", "login-link")
    # Its authority is not known here, and only its own names are in the certificate.
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=ssl._create_unverified_context()))

    def ask(path, body=None, **headers):
        request = urllib.request.Request(f"https://{address}/api/v1/{path}", body, {
            "Content-Type": "application/json", "Origin": f"https://{address}", "Sec-Fetch-Site": "same-origin", **headers})
        with opener.open(request, timeout=20) as answer:
            return json.loads(answer.read()), (answer.headers["set-cookie"] or "").partition(";")[0]

    _, cookie = ask("session", json.dumps({"link": re.search("link=(.*)", link)[1]}).encode())
    until(lambda: len(ask("events", Cookie=cookie)[0]["events"]) == 20, "the events")
    # Nobody writes it now, and it can be read all the same.
    composition.compose("stop", "local-store")
    assert len(ask("events", Cookie=cookie)[0]["events"]) == 20
    script = "echo > /var/lib/ids-suite/x || echo refused"
    assert "refused" in composition.compose("exec", "-T", "control-plane", "/bin/sh", "-c", script, check=False)


def test_nothing_can_be_written_but_what_is_meant(running):
    for service in OURS:
        for path in ("/x", "/usr/local/bin/x", "/etc/ids-suite/x", "/mnt/x", "/mnt/ram_logs/x"):
            script = f"echo > {path} || echo refused"
            answer = running.compose("exec", "-T", service, "/bin/sh", "-c", script, check=False)
            assert "refused" in answer, (service, path)


def test_passwords_are_closed_to_others_on_the_host(running):
    folder = running.directory / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    words = [file.read_text().strip() for file in folder.iterdir() if file.is_file() and file.stat().st_size]
    assert len(set(words)) == len(words) and all(len(word) >= 40 for word in words)
    described = json.dumps(running.containers())
    assert not [word for word in words if word in described]
    users = running.compose("exec", "-T", "redis", "cat", "/run/redis/users.acl")
    assert not [word for word in words if word in users]


# What a stolen password must not be good for.
FORBIDDEN = {
    "eve-reader": ("XRANGE ids:ecs - +", "XLEN ids:ecs", "XREADGROUP GROUP local x STREAMS ids:ecs >", "DEL ids:raw",
                   "HGETALL ids:totals:local", "HSET ids:checkpoints x y", "KEYS *", "FLUSHALL", "CONFIG GET maxmemory",
                   "ACL LIST", "EVAL return(redis.call('XLEN','ids:ecs')) 0", "SHUTDOWN", "MONITOR"),
    "ecs-transformer": ("HGETALL ids:checkpoint:sensor-under-test", "DEL ids:raw",
                        "XGROUP DESTROY ids:raw ecs-transformer",
                        "SET ids:raw x", "HINCRBY ids:totals:local stored 1", "FLUSHDB", "CONFIG SET maxmemory 0"),
    "opensearch-shipper": ("XRANGE ids:raw - +", "XLEN ids:raw", "HGETALL ids:totals:local", "HGETALL ids:checkpoint:x",
                           "DEL ids:ecs", "XRANGE ids:ecs - +", "FLUSHALL"),
    "local-store": ("XLEN ids:raw", "HGETALL ids:totals:opensearch", "DEL ids:ecs", "FLUSHALL"),
    "metrics-exporter": ("XADD ids:raw * b x", "HSET ids:totals:local stored 0", "XTRIM ids:ecs MAXLEN 0",
                         "DEL ids:dead", "FLUSHALL", "CONFIG GET maxmemory"),
    "health": ("INFO", "XLEN ids:raw", "KEYS *"),
}


# Dead letters hold lines of every stage: all of the flow write them, and only control-plane and the operator read them.
READING_LETTERS = ("XRANGE ids:dead - +", "XREVRANGE ids:dead + -", "XREAD STREAMS ids:dead 0", "XINFO STREAM ids:dead",
                   "EVAL return(redis.call('XRANGE',KEYS[1],'-','+')) 1 ids:dead", "DUMP ids:dead")


@pytest.mark.parametrize("user", sorted(FORBIDDEN))
def test_users_of_redis_can_do_no_more_than_they_need(running, user):
    assert running.redis("PING", user=user) == "PONG"
    for command in FORBIDDEN[user] + READING_LETTERS:
        answer = running.redis(*command.split(), user=user)
        assert "NOPERM" in answer or "can't run this command or access" in answer.replace("’", "'") or (
            "ACL failure" in answer), (user, command, answer)
    running.redis("ACL", "LOG", "RESET")


# 1,000 sensors, and one line with 200 protocols of 400 kinds of errors each.
NAMES_WITHOUT_END = """
local protocols = {}
for protocol = 1, 200 do
  local kinds = {}
  for kind = 1, 400 do kinds[kind] = '"k' .. kind .. '":1' end
  protocols[protocol] = '"p' .. protocol .. '":{' .. table.concat(kinds, ',') .. '}'
end
local errors = table.concat(protocols, ',')
for number = 1, 1000 do
  local name, event = 'x' .. number, '{"timestamp":"2026-02-01T12:00:00+0000","stats":{"uptime":1,"decoder":{"pkts":1},'
  local kinds = number < 20 and errors or ''
  redis.call('HSET', KEYS[1], name, '{"time":1,"unread_bytes":1}')
  redis.call('HSET', KEYS[2], name, '1-0 ' .. event .. '"app_layer":{"error":{' .. kinds .. '}}}}')
end
"""


def test_names_without_end_do_not_end_the_exporter(running):
    def scrape():
        return running.compose("exec", "-T", "prometheus", "wget", "-qO-", "http://metrics-exporter:9105/metrics")

    exporter = next(iter(running.containers("metrics-exporter").values()))
    running.redis("EVAL", NAMES_WITHOUT_END, "2", "ids:sensors", "ids:suricata")
    try:
        until(lambda: 'ids_suricata_decoder_packets_total{sensor="other"}' in scrape(), "the sensors to be summed", 60)
        for _ in range(5):
            assert len(scrape()) < 4 << 20
            time.sleep(1)
    finally:
        names = [f"x{number}" for number in range(1, 1001)]
        for key in ("ids:sensors", "ids:suricata", "ids:suricata:totals"):
            running.redis("HDEL", key, *names)
    after = next(iter(running.containers("metrics-exporter").values()))
    assert after["State"]["StartedAt"] == exporter["State"]["StartedAt"] and not after["State"]["OOMKilled"]
    running.compose("restart", "metrics-exporter")


def test_lines_and_entries_of_any_size_end_no_container(new_composition):
    """With the limits on: the longest lines there can be, and entries that unfold to as much as is taken, and to more."""
    composition = new_composition().up("eve-reader", "ecs-transformer", "local-store")
    lines = [eve.long_line(number, 7_900_000) for number in range(4)]
    lines += [eve.line_of_bytes(4, b"\xff", 4_000_000), eve.line_of_bytes(5, b"\xff", 7_900_000)]
    eve.append(composition.eve, b"".join(lines))
    entry = (
        "local head = 'IDSB\\1\\1\\0\\0' .. struct.pack('<I4I4', ARGV[1], ARGV[1] * #ARGV[2] * ARGV[3] + 8 * ARGV[1]) .. "
        "string.rep('\\0', 56) .. '\\1\\0s\\1\\0p' "
        "local line = string.rep(ARGV[2], ARGV[3]) "
        "return redis.call('XADD', KEYS[1], '*', 'b', head .. string.rep(struct.pack('<I4I4', #line, 0) .. line, ARGV[1]))")
    for count, text, times in ((65_536, "{}", 1), (65_536, "x", 240), (65_537, "{}", 1), (1, "x", 40 << 20)):
        assert "-" in composition.redis("EVAL", entry, "1", "ids:raw", str(count), text, str(times))
    eve.append(composition.eve, eve.lines(20, first=6))

    def is_through():
        groups = [composition.redis("XPENDING", f"ids:{stream}", group).split("\n")[0]
                  for stream, group in (("raw", "ecs-transformer"), ("ecs", "local"))]
        written = composition.redis("HGET", "ids:totals:ecs-transformer", "events")
        return groups == ["0", "0"] and int(written) > 25 and composition.stored() == int(written)

    until(is_through, lambda: f"everything to have an end; {composition.logs()[-3000:]}", 240, every=1)
    for name, one in composition.containers().items():
        assert not one["State"]["OOMKilled"] and one["RestartCount"] == 0, name
    script = (
        "local reasons = {} for _, letter in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do "
        "if not string.find(letter[2][2], 'JSON') then reasons[#reasons + 1] = letter[2][2] end end return reasons")
    reasons = composition.redis("EVAL", script, "1", "ids:dead")
    for reason in ("delivered 5 times", "claims 65537 records", "too long once its bytes that are not UTF-8"):
        assert reason in reasons, reasons


def test_a_script_without_end_is_seen(running):
    """Any service may run scripts; while one of them runs nobody else gets an answer."""
    def health():
        return next(iter(running.containers("redis").values()))["State"]["Health"]

    loop = threading.Thread(
        target=lambda: running.redis("EVAL", "while true do end", "0", user="eve-reader"), daemon=True)
    loop.start()
    until(lambda: health()["Status"] == "unhealthy", lambda: f"Redis to be called unhealthy: {health()}", 40)
    assert any("BUSY" in one["Output"] for one in health()["Log"])
    assert running.redis("SCRIPT", "KILL").endswith("OK")
    loop.join(30)
    until(lambda: health()["Status"] == "healthy", "Redis to be healthy again", 20)


def test_without_a_password_redis_says_nothing(running):
    answer = running.compose("exec", "-T", "redis", "redis-cli", "XLEN", "ids:ecs", check=False)
    assert "NOAUTH" in answer


def test_redis_reads_all_of_its_file_again(running):
    """Entries in transactions, as the services write them, outlive a restart."""
    transaction = "MULTI\\nXADD ids:raw * b $n\\nHSET ids:checkpoint:probe n $n\\nEXEC\\n"
    script = f'for n in $(seq 50); do printf "{transaction}"; done'
    running.compose("stop", "ecs-transformer")
    password = (running.directory / "secrets/redis-eve-reader").read_text().strip()
    running.compose("exec", "-T", "-e", f"REDISCLI_AUTH={password}", "redis", "sh", "-c",
                    f"({script}) | redis-cli --user eve-reader")
    before = running.redis("XLEN", "ids:raw")
    running.compose("restart", "redis")
    until(lambda: running.redis("PING") == "PONG", "Redis to be back")
    assert running.redis("HGET", "ids:checkpoint:probe", "n") == "50"
    assert running.redis("XLEN", "ids:raw") == before and int(before) >= 50
    assert "AOF-loading-client" not in running.compose("logs", "redis")
    running.redis("DEL", "ids:raw", "ids:checkpoint:probe")
    running.compose("start", "ecs-transformer")


def test_prometheus_sees_every_instance(running):
    def targets():
        text = running.compose("exec", "-T", "prometheus", "wget", "-qO-", "http://127.0.0.1:9090/api/v1/targets")
        active = json.loads(text)["data"]["activeTargets"]
        return {job: sorted(one["health"] for one in active if one["labels"]["job"] == job)
                for job in {one["labels"]["job"] for one in active}}

    until(lambda: targets().get("ecs-transformer") == ["up"] * TRANSFORMERS and targets()["metrics-exporter"] == ["up"],
          lambda: f"targets that are up: {targets()}", 60)


def test_the_same_ids_after_every_container_was_killed(running, opensearch, tmp_path):
    """Redis is restarted in order, too. Afterwards the file is read once more, from the start, as by a new Redis:
    if ids had depended on what happened, the store would then hold more."""
    source = tmp_path / "source.json"
    eve.many(source, COUNT)
    stop = threading.Event()
    writer = threading.Thread(target=eve.write_steadily, args=(running.eve, source, 1_999_993, 0.5, stop))
    writer.start()
    victims = [name for name in running.containers() if not name.startswith(("prometheus", "node_exporter"))]
    random.Random(5).shuffle(victims)
    began = started(running, victims)
    try:
        for number, victim in enumerate(victims):
            time.sleep(2)
            running.kill(victim)
            if number == len(victims) // 2:
                running.compose("restart", "redis")
    finally:
        writer.join(120)
        stop.set()
    assert not set(began.items()) & set(started(running, victims).items()), "not killed"

    groups = ["local", "opensearch"] if opensearch else ["local"]
    for group in groups:
        until_stored(running, group)
    assert {group: running.stored(group) for group in groups} == dict.fromkeys(groups, COUNT)
    assert running.redis("XLEN", "ids:dead") == "0"
    assert running.redis("ACL", "LOG") == "", "a service was refused something"
    assert "AOF-loading-client" not in running.compose("logs", "redis"), "Redis could not read its own file"
    ids = stored_ids(running)
    if opensearch:
        assert opensearch[0].documents("suricata", source=False).keys() == ids

    running.compose("up", "--detach", "--no-build", "--wait", "--no-recreate", "--no-deps", "local-store")
    running.redis("FLUSHALL")
    running.compose("restart", "eve-reader")
    until_stored(running, "local")
    assert stored_ids(running) == ids


def started(running, names):
    containers = running.containers()
    return {name: containers[name]["State"]["StartedAt"] for name in names}


def until_stored(running, group):
    until(lambda: running.stored(group) >= COUNT, lambda: f"{COUNT} in {group}, now {running.stored(group)}", 240, 0.5)


def stored_ids(running):
    connection = sqlite3.connect(running.event_store())
    try:
        ids = [row[0] for row in connection.execute("SELECT id FROM events")]
        flows = "SELECT count(DISTINCT json_extract(document, '$.suricata.eve.flow_id')) FROM events"
        assert connection.execute(flows).fetchone() == (COUNT,)
    finally:
        connection.close()
    assert len(ids) == COUNT
    engine.say(f"{len(ids)} events, each once")
    return set(ids)

"""metrics-exporter beside a whole pipeline: its values are those of the pipeline, whatever is restarted."""

import json
import os
import re
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from support import bulk_sink, eve, metrics, monitoring
from support.processes import BINARIES, REPOSITORY, Service, free_port
from support.waiting import until

SENSOR = {"sensor": "sensor-under-test"}
LOCAL = {"stream": "ecs", "group": "local"}
MAPPER = {"stream": "raw", "group": "ecs-transformer"}
FIXTURES = sorted((REPOSITORY / "fixtures/eve").glob("*.ndjson"))
# As docs/redis.md promises: Redis' own time for one look.
LOOK_SECONDS_MAX = 0.005


@pytest.fixture
def new_exporter(request):
    """Makes an exporter for a stack, not started."""
    assert (BINARIES / "metrics-exporter").exists(), "metrics-exporter is not built (make build, or IDS_BIN_DIR)"
    made = []

    def make(stack, **settings):
        port = free_port()
        stack.write_config(metrics_exporter__http_port=port, metrics_exporter__interval_ms=100, **settings)
        made.append(Service("metrics-exporter", stack.directory, stack.config, port))
        return made[-1]

    yield make
    for exporter in made:
        exporter.kill()


def look(exporter, seconds=60):
    """A scrape of a look that began after this call."""
    before = metrics.scrape(exporter).get("ids_metrics_exporter_sample_duration_seconds_count") or 0

    def fresh():
        found = metrics.scrape(exporter)
        return found if (found.get("ids_metrics_exporter_sample_duration_seconds_count") or 0) >= before + 2 else None

    return until(fresh, lambda: f"the next look; the log:\n{exporter.log_tail()}", seconds)


def look_until(exporter, condition, what, seconds=60):
    """The first look of which this is true."""
    def found():
        scraped = metrics.scrape(exporter)
        return scraped if condition(scraped) else None

    return until(found, what, seconds)


def stats_line(second, uptime, **changes):
    """A stats event of Suricata 7, as it was recorded, with counters of `changes` by their dotted paths."""
    line = next(line for path in FIXTURES for line in path.read_text().splitlines() if '"event_type":"stats"' in line)
    event = json.loads(line)
    event["timestamp"] = eve.stamp(eve.START + timedelta(seconds=second))
    event["stats"]["uptime"] = uptime
    event["stats"]["capture"] = {"kernel_packets": 0, "kernel_drops": 0}
    for path, value in changes.items():
        *folders, name = path.split("__")
        place = event["stats"]
        for folder in folders:
            place = place[folder]
        place[name] = value
    return eve.encode(event)


def seconds_of(timestamp):
    return datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def test_values_are_those_of_the_pipeline(stack, new_exporter):
    exporter = new_exporter(stack)
    lines = b"".join(path.read_bytes() for path in FIXTURES).splitlines(keepends=True)
    events = [json.loads(line) for line in lines]
    eve.append(stack.eve, b"".join(lines) + b"nonsense\n")
    stack.start()
    exporter.start().until_ready()
    stack.until_stored(len(events))
    found = look_until(exporter, lambda found: found.get("ids_events_stored_total", group="local") == len(events)
                       and found.get("ids_group_lag_entries", **LOCAL) == 0, "all events to be stored")

    assert found.get("ids_events_read_total") == len(events) + 1
    assert found.get("ids_events_read_bytes_total") == sum(map(len, lines)) - len(lines) + len("nonsense")
    assert found.get("ids_events_mapped_total") == len(events)
    assert {dict(labels)["stage"]: value for labels, value in found.all("ids_events_rejected_total").items()} == {
        "eve-reader": 0, "ecs-transformer": 1, "opensearch": 0, "local": 0}
    assert found.get("ids_dead_letters_total") == found.get("ids_stream_entries", stream="dead") == 1

    for group in (LOCAL, MAPPER):
        assert found.get("ids_group_lag_events", **group) == 0
        assert found.get("ids_group_lag_seconds", **group) == 0
        assert found.get("ids_group_pending_entries", **group) == 0
        assert found.get("ids_group_consumers", **group) == 1
        assert found.get("ids_group_oldest_event_timestamp_seconds", **group) is None
    assert found.get("ids_group_consumers", stream="ecs", group="opensearch") is None
    assert found.get("ids_stream_budget_bytes", stream="raw") == 256 << 20
    assert found.get("ids_backpressure_level") == 0

    buckets = [(float(dict(labels)["le"]), value)
               for labels, value in found.all("ids_end_to_end_latency_seconds_bucket").items()]
    counts = [value for _, value in sorted(buckets)]
    assert counts == sorted(counts) and counts[-1] == len(events)
    assert found.get("ids_end_to_end_latency_seconds_count", group="local") == len(events)
    assert 0 < found.get("ids_end_to_end_latency_seconds_sum", group="local") < 60 * len(events)

    assert found.get("ids_redis_up") == 1 and found.get("ids_sample_age_seconds") < 10
    used = stack.redis.client.info("memory")["used_memory"]
    assert used / 2 < found.get("ids_redis_memory_used_bytes") < used * 2

    alerts = [event["alert"]["severity"] for event in events if event["event_type"] == "alert"]
    mapped = metrics.scrape(stack.transformer)
    for severity in ("1", "2", "3", "other"):
        count = sum(1 for value in alerts if (str(value) if value in (1, 2, 3) else "other") == severity)
        assert mapped.get("ids_ecs_transformer_alerts_total", severity=severity) == count


def test_the_sensor_and_the_store_say_how_they_are(stack, new_exporter):
    exporter = new_exporter(stack)
    eve.append(stack.eve, eve.lines(50))
    stack.start()
    exporter.start().until_ready()
    newest = (eve.START + timedelta(milliseconds=49)).timestamp()
    found = look_until(
        exporter, lambda found: found.get("ids_last_event_timestamp_seconds", **SENSOR) == pytest.approx(newest),
        "the reader's next report")
    assert abs(found.get("ids_last_read_timestamp_seconds", **SENSOR) - time.time()) < 30
    assert abs(found.get("ids_sensor_report_timestamp_seconds", **SENSOR) - time.time()) < 30
    assert found.get("ids_unread_bytes", **SENSOR) == 0
    disk = os.statvfs(stack.directory)
    assert found.get("ids_ram_disk_size_bytes", **SENSOR) == disk.f_blocks * disk.f_frsize
    used = (disk.f_blocks - disk.f_bavail) * disk.f_frsize
    assert found.get("ids_ram_disk_used_bytes", **SENSOR) == pytest.approx(used, rel=0.05)
    # Other file systems say how many files they hold; some have no such bound.
    assert (found.get("ids_ram_disk_inodes", **SENSOR) > 0) == (disk.f_files > 0)
    reader = metrics.scrape(stack.reader)
    assert reader.get("ids_eve_reader_ram_disk_size_bytes") == disk.f_blocks * disk.f_frsize

    def store_bytes():
        return sum(path.stat().st_size for path in (stack.store, Path(f"{stack.store}-wal")) if path.exists())

    look_until(exporter, lambda found: found.get("ids_store_size_bytes", store="local") == store_bytes(),
               lambda: f"{store_bytes()} bytes of the store", seconds=30)


def test_lag_grows_while_a_shipper_is_away_and_goes_when_it_is_back(stack, new_exporter):
    exporter = new_exporter(stack)
    stack.start()
    exporter.start().until_ready()
    eve.append(stack.eve, eve.lines(20))
    stack.until_acknowledged("sqlite", 20)
    stack.shippers["sqlite"].kill()
    eve.append(stack.eve, eve.lines(400, first=20))
    until(lambda: stack.totals("ecs-transformer").get("events") == 420, "all events to be mapped")
    began = time.time()

    found = look(exporter)
    assert found.get("ids_group_lag_events", **LOCAL) == 400
    assert found.get("ids_group_lag_entries", **LOCAL) == stack.waiting_entries("ecs", "local") > 0
    assert found.get("ids_stream_entries", stream="ecs") >= found.get("ids_group_lag_entries", **LOCAL)
    assert found.get("ids_stream_memory_bytes", stream="ecs") > 1000
    first = (eve.START + timedelta(milliseconds=20)).timestamp()
    oldest = found.get("ids_group_oldest_event_timestamp_seconds", **LOCAL)
    assert oldest == pytest.approx(first, abs=0.001)
    assert found.get("ids_group_lag_events", **MAPPER) == 0
    lag = found.get("ids_group_lag_seconds", **LOCAL)
    later = look_until(exporter, lambda found: found.get("ids_group_lag_seconds", **LOCAL) > lag + 0.5, "more lag")
    assert later.get("ids_group_lag_seconds", **LOCAL) < time.time() - began + 10
    # The same oldest entry, which was not read again for it.
    assert later.get("ids_group_oldest_event_timestamp_seconds", **LOCAL) == oldest

    stack.shippers["sqlite"].start()
    found = look_until(exporter, lambda found: found.get("ids_group_lag_events", **LOCAL) == 0, "no lag")
    assert found.get("ids_group_lag_seconds", **LOCAL) == 0
    assert found.get("ids_group_oldest_event_timestamp_seconds", **LOCAL) is None
    assert found.get("ids_events_stored_total", group="local") == 420


def test_a_stuck_batch_is_pending_and_ages(new_stack, new_exporter, sink):
    stack = new_stack(sinks=("opensearch",), opensearch=sink.url)
    exporter = new_exporter(stack)
    stack.start()
    exporter.start().until_ready()
    sink.fault = bulk_sink.status(503)
    eve.append(stack.eve, eve.lines(10))
    group = {"stream": "ecs", "group": "opensearch"}
    found = look_until(exporter, lambda found: (found.get("ids_group_lag_seconds", **group) or 0) > 0.5, "an old batch")
    assert found.get("ids_group_pending_entries", **group) == found.get("ids_group_lag_entries", **group) == 1
    assert found.get("ids_group_lag_events", **group) == 10
    assert found.get("ids_group_oldest_event_timestamp_seconds", **group) == eve.START.timestamp()
    sink.fault = None
    found = look_until(exporter, lambda found: found.get("ids_group_lag_entries", **group) == 0, "no batch to wait")
    assert found.get("ids_end_to_end_latency_seconds_count", group="opensearch") == 10
    assert found.get("ids_end_to_end_latency_seconds_sum", group="opensearch") > 10 * 0.5


def test_redis_away_leaves_the_last_values_with_their_age(stack, new_exporter):
    exporter = new_exporter(stack)
    eve.append(stack.eve, eve.lines(100) + stats_line(1, 8, decoder__pkts=77))
    stack.start()
    exporter.start().until_ready()
    look_until(exporter, lambda found: found.get("ids_events_stored_total", group="local") == 101, "100 stored events")
    before = look(exporter)
    stack.redis.kill()
    gone = look_until(exporter, lambda found: found.get("ids_redis_up") == 0, "Redis to be missed")
    later = look_until(exporter, lambda found: found.get("ids_sample_age_seconds") > 1.5, "old values")
    assert exporter.get("/readyz")[0] == 503 and exporter.get("/healthz")[0] == 200
    for name, labels in (("ids_events_stored_total", {"group": "local"}), ("ids_group_lag_entries", LOCAL),
                         ("ids_suricata_decoder_packets_total", SENSOR), ("ids_stream_entries", {"stream": "raw"})):
        assert later.get(name, **labels) == gone.get(name, **labels) == before.get(name, **labels), name
    stack.redis.start()
    back = look_until(exporter, lambda found: found.get("ids_redis_up") == 1 and found.get("ids_sample_age_seconds") < 1.5,
                      "new values")
    assert back.get("ids_suricata_decoder_packets_total", **SENSOR) == 77


def test_without_redis_at_the_start(stack, new_exporter):
    exporter = new_exporter(stack).start()
    found = until(lambda: metrics.scrape(exporter), "metrics without Redis")
    assert found.get("ids_redis_up") == 0
    assert found.get("ids_sample_age_seconds") is None and found.all("ids_stream_entries") == {}
    stack.redis.start()
    found = look_until(exporter, lambda found: found.get("ids_redis_up") == 1, "Redis")
    assert found.get("ids_stream_entries", stream="raw") == 0 and found.get("ids_events_read_total") == 0


def test_suricatas_counters_survive_its_restart_and_the_exporters(stack, new_exporter):
    exporter = new_exporter(stack)
    stack.start()
    exporter.start().until_ready()

    def packets(expected):
        found = look_until(
            exporter, lambda found: found.get("ids_suricata_decoder_packets_total", **SENSOR) == expected,
            lambda: f"{expected} packets, not {metrics.scrape(exporter).get('ids_suricata_decoder_packets_total', **SENSOR)}")
        return found

    eve.append(stack.eve, stats_line(8, 8, decoder__pkts=75, capture__kernel_drops=3))
    packets(75)
    eve.append(stack.eve, stats_line(16, 16, decoder__pkts=100, capture__kernel_drops=4))
    found = packets(100)
    assert found.get("ids_suricata_kernel_drops_total", **SENSOR) == 4
    assert found.get("ids_suricata_restarts_total", **SENSOR) == 0
    assert found.get("ids_suricata_uptime_seconds", **SENSOR) == 16
    assert found.get("ids_suricata_stats_timestamp_seconds", **SENSOR) == eve.START.timestamp() + 16
    assert found.get("ids_suricata_detect_rules", **SENSOR, state="loaded") == 49

    # Suricata starts again, and has counted less.
    eve.append(stack.eve, stats_line(30, 8, decoder__pkts=10, capture__kernel_drops=1))
    found = packets(110)
    assert found.get("ids_suricata_kernel_drops_total", **SENSOR) == 5
    assert found.get("ids_suricata_restarts_total", **SENSOR) == 1

    # The exporter starts again while Suricata goes on.
    exporter.kill()
    eve.append(stack.eve, stats_line(38, 16, decoder__pkts=30, capture__kernel_drops=1))
    until(lambda: b'"uptime":16' in (stack.redis.client.hget(stack.key("suricata"), "sensor-under-test") or b"")
          and b"00:38" in stack.redis.client.hget(stack.key("suricata"), "sensor-under-test"), "the event to be kept")
    exporter.start().until_ready()
    assert packets(130).get("ids_suricata_kernel_drops_total", **SENSOR) == 5

    # Both start again, and so do all the others.
    exporter.kill()
    for service in stack.services:
        service.restart().until_ready()
    eve.append(stack.eve, stats_line(60, 8, decoder__pkts=500, capture__kernel_drops=2))
    until(lambda: b"01:00" in stack.redis.client.hget(stack.key("suricata"), "sensor-under-test"), "the last event")
    exporter.start().until_ready()
    found = packets(630)
    assert found.get("ids_suricata_kernel_drops_total", **SENSOR) == 7
    assert found.get("ids_suricata_restarts_total", **SENSOR) == 2


def test_a_look_costs_redis_one_round_trip_and_little_time(stack, new_exporter):
    exporter = new_exporter(stack)
    stack.start()
    stack.shippers["sqlite"].until_ready()
    eve.append(stack.eve, b"".join(path.read_bytes() for path in FIXTURES))
    stack.shippers["sqlite"].kill()
    until(lambda: stack.totals("ecs-transformer").get("events", 0) > 1000, "a backlog of documents")
    stack.transformer.kill()
    eve.many(stack.eve, 20_000)
    lines = stack.eve.read_bytes().count(b"\n")
    # All of them, so that the number of events is known when the reader starts again.
    until(lambda: sum(stack.totals("eve-reader").get(name, 0) for name in ("events", "rejected")) >= lines,
          "a backlog of lines")
    stack.reader.kill()
    exporter.start().until_ready()
    client = stack.redis.client
    client.config_set("slowlog-log-slower-than", int(LOOK_SECONDS_MAX * 1e6))
    client.slowlog_reset()
    client.config_resetstat()
    began = client.info("commandstats").get("cmdstat_exec", {"calls": 0})["calls"]
    until(lambda: client.info("commandstats").get("cmdstat_exec", {"calls": 0})["calls"] >= began + 30, "30 looks")
    statistics, reads = client.info("commandstats"), client.info("stats")["total_reads_processed"]
    looks = statistics["cmdstat_exec"]["calls"] - began
    # EXEC's own time holds that of the commands in it.
    seconds = statistics["cmdstat_exec"]["usec"] / 1e6 / looks
    print(f"{looks} looks at {1e6 * seconds:.0f} µs of Redis each")
    assert seconds <= LOOK_SECONDS_MAX
    # Redis measures by the clock, so that one that had to wait for a processor looks slow.
    assert len(client.slowlog_get()) <= looks / 10
    # One packet comes for each look; the rest are this test's own questions.
    asked = sum(row["calls"] for name, row in statistics.items() if name in ("cmdstat_info", "cmdstat_config|resetstat"))
    assert reads <= 1.2 * looks + asked, (reads, looks, asked)
    found = look(exporter)
    assert found.get("ids_group_lag_events", **MAPPER) > 10_000 and found.get("ids_group_lag_entries", **LOCAL) > 0

    # While everything flows the oldest entry of each group is another one at each look, and is read.
    client.config_resetstat()
    stack.start()
    stack.until_stored(stack.totals("eve-reader")["events"], seconds=120)
    scripts = client.info("commandstats")["cmdstat_eval_ro"]
    print(f"{scripts['calls']} looks at a flowing stream at {scripts['usec_per_call']:.0f} µs each")
    assert 2 * scripts["usec_per_call"] / 1e6 + seconds <= LOOK_SECONDS_MAX


# docker-compose.yml allows 32 MiB, of which the kernel can take back what is of files.
MEMORY_KIB_MAX = 26 << 10


def test_names_without_end_stay_bounded_and_are_summed(stack, new_exporter):
    """1,000 sensors, one of them with 200 protocols of 400 kinds of errors each, and what no service would write."""
    exporter = new_exporter(stack)
    stack.redis.start()
    client, now = stack.redis.client, time.time_ns()
    many = {f"p{protocol}": {f"k{kind}": 1 for kind in range(400)} for protocol in range(200)}
    with client.pipeline() as pipeline:
        for number in range(1000):
            report = {"time": now, "last_event": number, "unread_bytes": 3, "disk_bytes": 100, "disk_used_bytes": 10}
            pipeline.hset(stack.key("sensors"), f"s{number:04}", json.dumps(report))
            line = stats_line(8, 8, decoder__pkts=7, **({"app_layer__error": many} if number == 5 else {}))
            pipeline.hset(stack.key("suricata"), f"s{number:04}", b"1-0 " + line.strip())
            pipeline.hset(stack.key("totals:local"), f"x{number}", number)
        pipeline.hset(stack.key("sensors"), "long", "x" * 10_000)
        pipeline.hset(stack.key("suricata"), "long", "x" * (8 << 20))
        pipeline.execute()
    exporter.start().until_ready()
    # All lines together are more than one look reads.
    found = look_until(exporter, lambda found: found.get("ids_suricata_decoder_packets_total", sensor="other")
                       == 936 * 7, "the counters of all sensors", 30)
    assert found.get("ids_unread_bytes", sensor="s0063") == 3 and found.get("ids_unread_bytes", sensor="s0064") is None
    assert found.get("ids_unread_bytes", sensor="other") == 936 * 3
    assert found.get("ids_last_event_timestamp_seconds", sensor="other") == pytest.approx(999e-9)
    assert found.get("ids_suricata_decoder_packets_total", sensor="s0000") == 7
    assert found.get("ids_sensors_summed") == 936
    errors = {labels: value for labels, value in found.all("ids_suricata_app_layer_errors_total").items()
              if ("sensor", "s0005") in labels}
    assert len(errors) < 400 and sum(errors.values()) == 80_000
    assert found.get("ids_suricata_names_summed", sensor="s0005") > 0
    assert found.get("ids_redis_fields_left_out", hash="sensors") == 1
    assert found.get("ids_redis_fields_left_out", hash="suricata") == 1
    assert found.get("ids_redis_fields_left_out", hash="totals:local") == 1000 - 128
    size, peak = len(found.text), exporter.status_kib("VmHWM") - exporter.status_kib("RssFile")
    print(f"a scrape of {size} bytes, at most {peak} KiB of memory")
    assert size < 2 << 20 and peak < MEMORY_KIB_MAX


def test_impossible_counters_and_two_suricatas_of_one_sensor(stack, new_exporter):
    exporter = new_exporter(stack)
    stack.start()
    exporter.start().until_ready()

    def write(second, packets, host, total):
        line = json.loads(stats_line(second, 8 + second, capture__kernel_packets=packets))
        eve.append(stack.eve, eve.encode({**line, "host": host}))
        when = eve.START.timestamp() + second
        return look_until(
            exporter, lambda found: found.get("ids_suricata_stats_timestamp_seconds", **SENSOR) == when
            and found.get("ids_suricata_kernel_packets_total", **SENSOR) == total,
            lambda: f"{total} packets, not {metrics.scrape(exporter).get('ids_suricata_kernel_packets_total', **SENSOR)}")

    write(8, 1000, "cellar", 1000)
    write(16, (1 << 64) - 616, "cellar", 1000)
    found = write(24, 1200, "cellar", 1200)
    assert found.get("ids_suricata_impossible_values_total", **SENSOR) == 1
    write(1, 50, "attic", 1250)
    write(32, 1210, "cellar", 1260)
    found = write(9, 60, "attic", 1270)
    assert found.get("ids_suricata_restarts_total", **SENSOR) == 0
    assert found.get("ids_suricata_writers", **SENSOR) == 2
    assert exporter.log.count("Two Suricatas write as one sensor") == 1


def test_scraping_costs_redis_nothing(stack, new_exporter):
    exporter = new_exporter(stack)
    stack.write_config(metrics_exporter__interval_ms=60_000)
    stack.redis.start()
    exporter.start().until_ready()
    look_until(exporter, lambda found: found.get("ids_redis_up") == 1, "the first look")
    before = stack.redis.client.info("stats")["total_commands_processed"]
    for _ in range(20):
        metrics.scrape(exporter)
    assert stack.redis.client.info("stats")["total_commands_processed"] - before <= 1


def test_the_backpressure_level_says_where_it_stops(new_stack, new_exporter):
    stack = new_stack(settings={"eve_reader.stream_bytes_max": 1 << 20, "ecs_transformer.stream_bytes_max": 1 << 20})
    exporter = new_exporter(stack)
    stack.start()
    exporter.start().until_ready()
    stack.shippers["sqlite"].kill()
    # More than both streams hold, also where a busy machine makes large batches that compress well.
    eve.many(stack.eve, 120_000)
    full = 0.95 * (1 << 20)
    look_until(exporter, lambda found: found.get("ids_stream_memory_bytes", stream="ecs") >= full
               and found.get("ids_backpressure_level") == 2, "both streams to be full", 60)
    assert metrics.scrape(stack.reader).get("ids_eve_reader_unread_bytes") > 0
    stack.shippers["sqlite"].start()
    stack.until_stored(120_000, seconds=120)
    look_until(exporter, lambda found: found.get("ids_backpressure_level") == 0, "the way to be free")


def test_a_real_opensearch_is_looked_at(new_stack, new_exporter, opensearch):
    stack = new_stack(sinks=("opensearch",), opensearch=opensearch.url)
    exporter = new_exporter(stack, metrics_exporter__opensearch=True, metrics_exporter__opensearch_interval_ms=1000)
    eve.append(stack.eve, eve.lines(300, days=3))
    stack.start()
    stack.until_acknowledged("opensearch", 300)
    opensearch.count(stack.name)
    exporter.start().until_ready()
    found = look_until(exporter, lambda found: found.get("ids_opensearch_index_documents") == 300, "300 documents")
    assert found.get("ids_opensearch_up") == 1 and found.get("ids_opensearch_indices") == 3
    assert found.get("ids_opensearch_index_size_bytes") > 300 * 100
    health = opensearch.request("GET", "_cluster/health")["status"]
    assert found.get("ids_opensearch_cluster_status", status=health) == 1
    assert sum(found.all("ids_opensearch_cluster_status").values()) == 1
    found = look_until(exporter, lambda found: found.get("ids_opensearch_disk_used_ratio"), "the disk")
    assert found.get("ids_opensearch_disk_used_ratio") < 1
    # Nothing of the last days: it is not known how much comes in one.
    assert found.get("ids_opensearch_storage_left_seconds") is None
    eve.append(stack.eve, b"".join(
        eve.line(1000 + age, time=datetime.now(timezone.utc) - timedelta(days=age)) for age in (1, 2)))
    found = look_until(exporter, lambda found: (found.get("ids_opensearch_storage_bytes_per_day") or 0) > 1000, "a rate")
    assert found.get("ids_opensearch_storage_left_seconds") is not None


def test_an_opensearch_that_is_away_holds_nothing_up(stack, new_exporter):
    sink = bulk_sink.BulkSink()
    exporter = new_exporter(stack, opensearch__endpoint=sink.url, metrics_exporter__opensearch=True,
                            metrics_exporter__opensearch_interval_ms=1000)
    stack.start()
    exporter.start().until_ready()
    eve.append(stack.eve, eve.lines(10))
    found = look_until(exporter, lambda found: found.get("ids_events_stored_total", group="local") == 10
                       and found.get("ids_opensearch_up") == 0, "10 events, and OpenSearch to be missed")
    assert exporter.ready
    assert sum(found.all("ids_opensearch_cluster_status").values()) == 0
    assert found.get("ids_opensearch_indices") is None
    look_until(exporter, lambda found: found.get("ids_metrics_exporter_sample_duration_seconds_count") > 30, "30 looks")
    assert exporter.log.count("OpenSearch cannot be looked at") == 1
    sink.start()
    try:
        found = look_until(exporter, lambda found: found.get("ids_opensearch_up") == 1, "its health")
    finally:
        sink.stop()
    assert found.get("ids_opensearch_cluster_status", status="green") == 1


@pytest.mark.skipif(not monitoring.program("promtool"), reason="no promtool (Debian: prometheus)")
def test_prometheus_finds_nothing_wrong_with_any_service(new_stack, new_exporter, sink):
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=sink.url)
    exporter = new_exporter(stack, metrics_exporter__opensearch=True)
    now = datetime.now(timezone.utc)
    sink.faults.extend([bulk_sink.status(503), bulk_sink.items(429, "rejected_execution_exception", every=10)])
    eve.append(stack.eve, b"".join(path.read_bytes() for path in FIXTURES) + eve.line(1, time=now) + b"nonsense\n")
    eve.append(stack.eve, stats_line(8, 8, decoder__pkts=75))
    stack.start()
    exporter.start().until_ready()
    look_until(exporter, lambda found: (found.get("ids_end_to_end_latency_seconds_count", group="opensearch") or 0) > 1000
               and found.get("ids_suricata_decoder_packets_total", **SENSOR), "a pipeline at work")
    for service in (*stack.services, exporter):
        assert metrics.findings(service.get("/metrics")[1]) == "", service.name


def test_the_document_lists_every_metric(new_stack, new_exporter, sink):
    """UPDATE_DOCS=1 in the environment writes the tables of docs/metrics.md instead of comparing them."""
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=sink.url)
    exporter = new_exporter(stack, metrics_exporter__opensearch=True, opensearch__storage_guard=True)
    sink.fault = bulk_sink.items(400, "mapper_parsing_exception", every=10)
    eve.append(stack.eve, eve.lines(100) + stats_line(8, 8, ips={"accepted": 1}))
    stack.start()
    exporter.start().until_ready()
    look_until(exporter, lambda found: found.get("ids_events_rejected_total", stage="opensearch"), "dead letters")
    stack.redis.client.hset(stack.key("totals:local"), mapping={"canaries": 1, "canary_ms": 40})
    sink.fault = bulk_sink.status(503)
    eve.append(stack.eve, eve.lines(10, first=100))
    busy = look_until(exporter, lambda found: found.all("ids_group_oldest_event_timestamp_seconds"), "a waiting batch")
    idle = look_until(exporter, lambda found: found.get("ids_opensearch_storage_left_seconds") is not None
                      and found.all("ids_suricata_kernel_drops_total") and found.all("ids_store_size_bytes")
                      and found.all("ids_last_event_timestamp_seconds"), "the rest")

    scrapes = {"eve_reader": [metrics.scrape(stack.reader)], "ecs_transformer": [metrics.scrape(stack.transformer)],
               "opensearch_shipper": [metrics.scrape(shipper) for shipper in stack.shippers.values()],
               "metrics_exporter": [busy, idle]}
    names = [{name.replace(f"ids_{service}_", "ids_SERVICE_") for found in group for name in found.types}
             for service, group in scrapes.items()]
    shared = set.intersection(*names)
    own = metrics.Exposition(scrapes["eve_reader"][0].text.replace("ids_eve_reader_", "ids_SERVICE_"))
    tables = {"Every service": metrics.table([own], without=set(own.types) - shared)}
    for service, group in scrapes.items():
        without = {name.replace("ids_SERVICE_", f"ids_{service}_") for name in shared}
        tables[service.replace("_", "-")] = metrics.table(group, f"ids_{service}_", without)
    provisioner = Service("aws-provisioner", stack.directory, stack.config, free_port())
    stack.write_config(aws__state_dir=str(stack.directory / "aws"), aws__http_port=provisioner.port)
    try:
        provisioner.start()
        until(lambda: "nobody has asked" in provisioner.get("/readyz")[1], "the provisioner's first look")
        without = {name.replace("ids_SERVICE_", "ids_aws_provisioner_") for name in shared}
        tables["aws-provisioner"] = metrics.table([metrics.scrape(provisioner)], "ids_aws_provisioner_", without)
    finally:
        provisioner.kill()
    others = {name for name in busy.types | idle.types if not name.startswith("ids_") or "metrics_exporter" in name}
    tables["The pipeline and Suricata"] = metrics.table([busy, idle], without=others | {"ids_build_info"})

    document = REPOSITORY / "docs/metrics.md"
    text = document.read_text()
    for heading, rows in tables.items():
        old = re.search(rf"^## {heading}\n(?:(?!## ).*\n)*?(\|(?:.*\n)*?)(?=\n|\Z)", text, re.M)
        assert old, f"docs/metrics.md has no table under {heading}"
        text = text[:old.start(1)] + rows + text[old.end(1):]
    if os.environ.get("UPDATE_DOCS") == "1":
        document.write_text(text)
    assert document.read_text() == text, "docs/metrics.md is old: run this test with UPDATE_DOCS=1, and read what changed"


def test_reports_of_a_hostile_neighbour(stack, new_exporter):
    """Times and totals at both ends of what fits, where each service reads them."""
    eve.append(stack.eve, eve.lines(20))
    stack.start()
    stack.until_stored(20)
    client = stack.redis.client
    report = '{"time":%d,"last_event":%d,"last_read":%d,"disk_bytes":%d,"unread_bytes":%d}'
    for name, number in (("least", -2**63), ("most", 2**63 - 1)):
        client.hset(stack.key("sensors"), name, report % ((number,) * 5))
        client.hset(stack.key("stores"), name, '{"time":%d,"bytes":%d}' % (number, number))
        for stage in ("eve-reader", "ecs-transformer", "local"):
            client.hset(stack.key(f"totals:{stage}"), mapping={"events": number, "stored": number, "rejected": number})
    exporter = new_exporter(stack)
    exporter.start().until_ready()
    look(exporter)
    eve.append(stack.eve, eve.lines(20, first=20) + b"broken\n")
    stack.until_stored(40)
    until(stack.dead_letters, "the letter about the broken line")
    look(exporter)
    assert exporter.running and all(service.running for service in stack.services)

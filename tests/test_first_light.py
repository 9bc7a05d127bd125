"""An eve.json becomes documents in the store, and in OpenSearch, each once and under the same id."""

from datetime import timedelta

from support import eve

COUNT = 1200


def test_every_event_is_in_the_store_once(stack):
    eve.append(stack.eve, eve.lines(COUNT))
    stack.start()
    stack.until_stored(COUNT)
    documents = stack.documents()
    assert eve.flow_numbers(documents.values()) == list(range(COUNT))
    assert stack.dead_letters() == []


def test_the_store_answers_what_an_event_viewer_asks(stack):
    eve.append(stack.eve, eve.line(3, "alert") + eve.line(4, "dns"))
    stack.start()
    stack.until_stored(2)
    row, = stack.query("SELECT severity, src_ip, src_port, dest_ip, dest_port, signature, timestamp, document"
                       " FROM events WHERE event_type = 'alert'")
    event = eve.event(3, "alert")
    assert row[:6] == (1, event["src_ip"], event["src_port"], event["dest_ip"], 443, "LOCAL test rule 3")
    assert row[6] == int(eve.START.timestamp()) * 10**9 + 3_000_000
    assert "\n" not in row[7]
    assert stack.query("SELECT severity, signature FROM events WHERE event_type = 'dns'") == [(None, None)]


def test_the_common_fields_are_those_of_ecs(stack):
    eve.append(stack.eve, b"".join(eve.line(number, kind) for number, kind in enumerate(eve.BODIES)))
    stack.start()
    stack.until_stored(len(eve.BODIES))
    by_number = {eve.number(document): document for document in stack.documents().values()}
    for number, kind in enumerate(eve.BODIES):
        document, event = by_number[number], eve.event(number, kind)
        assert document["@timestamp"] == f"2026-02-01T12:00:00.{number:03}000Z"
        assert "network" in document["event"]["category"]
        assert document["event"]["kind"] == ("alert" if kind == "alert" else "event")
        assert document["source"]["ip"] == event["src_ip"]
        assert document["destination"]["ip"] == event["dest_ip"]
        assert document["suricata"]["eve"] == {**event, "flow_id": str(event["flow_id"])}
    alert = by_number[list(eve.BODIES).index("alert")]
    assert alert["suricata"]["signature"].startswith("LOCAL test rule")
    assert alert["suricata"]["severity"] in (1, 2, 3)


def test_store_and_opensearch_hold_the_same(new_stack, opensearch):
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=opensearch.url)
    eve.append(stack.eve, eve.lines(COUNT, days=3))
    stack.start()
    stack.until_stored(COUNT)
    stack.until_acknowledged("opensearch", COUNT)
    found = opensearch.documents(stack.name)
    assert len(found) == COUNT
    stored = stack.documents()
    assert found.keys() == stored.keys()
    for key, (index, source) in found.items():
        assert source == stored[key]
        number = eve.number(source)
        assert index == f"{stack.name}-{eve.START + timedelta(days=number % 3):%Y.%m.%d}"
    assert stack.dead_letters() == []


def test_opensearch_finds_addresses_times_and_words(new_stack, opensearch):
    stack = new_stack(sinks=("opensearch",), opensearch=opensearch.url)
    eve.append(stack.eve, eve.lines(160))
    stack.start()
    stack.until_acknowledged("opensearch", 160)
    opensearch.count(stack.name)

    def found(query):
        return opensearch.request("POST", f"{stack.name}-*/_count", {"query": query})["count"]

    assert found({"term": {"source.ip": "192.168.0.0/16"}}) == 160
    assert found({"term": {"event.kind": "alert"}}) == 10
    assert found({"range": {"@timestamp": {"gte": "2026-02-01T12:00:00.100Z"}}}) == 60


def test_lines_that_come_while_running_arrive_within_the_batch_age(stack):
    stack.start()
    eve.append(stack.eve, eve.lines(1))
    stack.until_stored(1)
    eve.append(stack.eve, eve.lines(9, first=1))
    stack.until_stored(10)

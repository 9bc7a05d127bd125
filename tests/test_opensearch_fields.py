"""What a real OpenSearch makes of the documents: none is refused, and each field is found by its right type."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support import eve
from support.processes import REPOSITORY
from support.stack import Stack
from support.waiting import until, until_steady

FIXTURES = sorted((REPOSITORY / "fixtures/eve").glob("*.ndjson"))
# More recorded events, and the definition of ECS, where they are at hand.
CORPORA = Path(os.environ.get("EVE_CORPORA", REPOSITORY / "../shared/eve"))
ECS_DEFINITION = Path(os.environ.get("ECS_DEFINITION", REPOSITORY / "../shared/ecs/ecs_flat.yml"))
FIELDS_MAX = 1000
# ECS' name of a type, and ours where it is another.
OTHER_NAMES = {"wildcard": "keyword", "match_only_text": "text", "constant_keyword": "keyword"}


def corpora():
    """Whole events of every corpus that is at hand, as lines."""
    files = [*FIXTURES, *sorted(CORPORA.glob("*.ndjson"))]
    texts = [path.read_bytes() for path in files]
    if shutil.which("zstd"):
        for path in sorted(CORPORA.glob("*.ndjson.zst")):
            texts.append(subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True, timeout=60).stdout)
    return b"".join(text if text.endswith(b"\n") else text + b"\n" for text in texts)


def transformer_fields():
    """The names of all fields that the transformer can write, from its own table."""
    table = REPOSITORY / "services/ecs-transformer/Sources/ECSTransformer/Document/ECSField.swift"
    names = re.findall(r'^    case \w+ = "([^"]+)"$', table.read_text(), re.MULTILINE)
    assert len(names) > 200 and "source.ip" in names, "the table has another form than this test knows"
    return names


def leaves(properties, above=""):
    """Each mapped field with its type; `fields` of a field by their dotted names."""
    for name, field in properties.items():
        if "type" in field:
            yield above + name, field["type"]
        yield from leaves(field.get("properties", {}), f"{above}{name}.")
        yield from leaves(field.get("fields", {}), f"{above}{name}.")


def mapped_count(properties):
    """As OpenSearch counts for its limit: fields, their `fields`, and objects."""
    return sum(1 + len(field.get("fields", {})) + mapped_count(field.get("properties", {}))
               for field in properties.values())


def mapping(opensearch, index):
    answer = opensearch.request("GET", f"{index}/_mapping")
    return answer[sorted(answer)[-1]]["mappings"]["properties"]


@pytest.fixture(scope="module")
def filled(opensearch, request):
    """A stack that has put all corpora into one data stream, with the answers still there."""
    stack = Stack(sinks=("opensearch",), opensearch=opensearch.url, settings={"opensearch.mode": "datastream"})
    request.addfinalizer(stack.close)
    eve.append(stack.eve, corpora())
    stack.start()

    def outcomes():
        totals = stack.all_totals()
        return (totals["eve-reader"].get("events", 0) - totals["ecs-transformer"].get("rejected", 0),
                sum(totals["opensearch"].get(name, 0) for name in ("stored", "rejected")))

    lines = sum(1 for line in stack.eve.read_bytes().split(b"\n") if line.strip())
    until(lambda: outcomes()[0] > 0.98 * lines and outcomes()[0] == outcomes()[1],
          lambda: f"about {lines} events to end, totals {stack.all_totals()}", 300, 0.2)
    until_steady(outcomes, "what has become of the events", for_seconds=2)
    opensearch.request("POST", f"{stack.name}/_refresh")
    return stack


def test_no_document_of_any_corpus_is_refused(filled, opensearch):
    letters = [letter for letter in filled.dead_letters() if b"opensearch" in letter.get("service", b"")]
    assert letters == []
    totals = filled.totals("opensearch")
    assert totals.get("rejected", 0) == 0 and totals["stored"] >= 1000
    assert opensearch.request("GET", f"{filled.name}/_count")["count"] == totals["stored"]


def test_the_number_of_fields_is_bounded(filled, opensearch):
    count = mapped_count(mapping(opensearch, filled.name))
    assert 500 < count <= FIELDS_MAX
    settings, = opensearch.request("GET", f"{filled.name}/_settings").values()
    assert settings["settings"]["index"]["mapping"]["total_fields"]["limit"] == str(FIELDS_MAX)


def test_events_are_found_by_suricatas_names(filled, opensearch):
    def found(query):
        return opensearch.request("POST", f"{filled.name}/_count", {"query": query})["count"]

    everything = opensearch.request("GET", f"{filled.name}/_count")["count"]
    assert found({"exists": {"field": "suricata.eve.event_type"}}) > 0.99 * everything
    assert found({"range": {"suricata.eve.flow.bytes_toserver": {"gte": 1000}}}) > 0
    assert found({"term": {"suricata.eve.src_ip": "0.0.0.0/0"}}) > 0
    assert found({"range": {"suricata.eve.flow.start": {"gte": "1990-01-01"}}}) > 0
    for name in ("alert.metadata.signature_severity", "http.request_headers.name", "dns.grouped.A"):
        answer = opensearch.request("POST", f"{filled.name}/_search", {
            "size": 1, "query": {"prefix": {f"suricata.eve.{name}": ""}}})
        if answer["hits"]["total"]["value"] == 0 and CORPORA.is_dir():
            pytest.fail(f"nothing is found by suricata.eve.{name}")


def test_every_field_of_the_transformer_has_a_type(filled, opensearch):
    mapped = dict(leaves(mapping(opensearch, filled.name)))
    objects = {name.rsplit(".", depth)[0] for name in mapped for depth in range(1, name.count(".") + 1)}
    missing = [name for name in transformer_fields() if name not in mapped and name not in objects]
    assert missing == [], "to be added to ECSMapping.swift"


def test_no_document_has_an_ecs_field_without_a_type(filled, opensearch):
    """Also below what the transformer's table names as one: dns.answers, email.attachments."""
    mapped = dict(leaves(mapping(opensearch, filled.name)))

    def names(value, above=""):
        for element in value if isinstance(value, list) else [value]:
            if isinstance(element, dict) and mapped.get(above[:-1]) != "geo_point":
                for name, below in element.items():
                    yield from names(below, f"{above}{name}.")
            else:
                yield above[:-1]

    untyped = set()
    page = opensearch.request("POST", f"{filled.name}/_search?scroll=1m", {
        "size": 2000, "sort": ["_doc"], "_source": {"excludes": ["suricata"]}})
    while page["hits"]["hits"]:
        for hit in page["hits"]["hits"]:
            untyped.update(name for name in names(hit["_source"]) if name not in mapped)
        page = opensearch.request("POST", "_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]})
    assert untyped == set(), "to be added to ECSMapping.swift"


def test_types_are_those_of_ecs(filled, opensearch):
    if not ECS_DEFINITION.exists():
        pytest.skip(f"no definition of ECS in {ECS_DEFINITION} (ECS_DEFINITION names another file)")
    defined, name = {}, None
    for line in ECS_DEFINITION.read_text().splitlines():
        if match := re.fullmatch(r"'?([^\s']+)'?:", line):
            name = match.group(1)
        elif match := re.fullmatch(r"  type: (\w+)", line):
            defined[name] = match.group(1)
    assert defined["source.ip"] == "ip"
    found = {name: kind for name, kind in leaves(mapping(opensearch, filled.name)) if name in defined}
    wrong = {name: (kind, defined[name]) for name, kind in found.items()
             if kind != OTHER_NAMES.get(defined[name], defined[name])}
    assert wrong == {}
    assert len(found) > 250


VALUES = {
    "ip": ("2001:db8::17", lambda name: {"term": {name: "2001:db8::/32"}},
           lambda name: {"term": {name: "192.0.2.0/24"}}),
    "date": ("2026-02-01T12:00:00.123456Z",
             lambda name: {"range": {name: {"gte": "2026-02-01T12:00:00.123Z", "lt": "2026-02-02"}}},
             lambda name: {"range": {name: {"gt": "2026-02-02"}}}),
    "long": (9_000_000_000, lambda name: {"range": {name: {"gte": 10_000_000, "lte": 9_000_000_000}}},
             lambda name: {"range": {name: {"lt": 9_000_000_000}}}),
    "float": (7.5, lambda name: {"range": {name: {"gt": 7, "lt": 8}}}, lambda name: {"range": {name: {"gt": 8}}}),
    "boolean": (True, lambda name: {"term": {name: True}}, lambda name: {"term": {name: False}}),
    "geo_point": ({"lat": 52.5, "lon": 13.4},
                  lambda name: {"geo_distance": {"distance": "10km", name: {"lat": 52.52, "lon": 13.41}}},
                  lambda name: {"geo_distance": {"distance": "10km", name: {"lat": 48.1, "lon": 11.6}}}),
    "keyword": ("Some Value", lambda name: {"wildcard": {name: "Some V*"}},
                lambda name: {"term": {name: "some value"}}),
    "text": ("Some words here", lambda name: {"match_phrase": {name: "words here"}},
             lambda name: {"match": {name: "others"}}),
}


def test_every_ecs_field_is_queried_by_its_type(new_stack, opensearch):
    """One document with a value in every field, and for each field a query that finds it and one that does not."""
    stack = new_stack(sinks=("opensearch",), opensearch=opensearch.url)
    eve.append(stack.eve, eve.lines(1))
    stack.start()
    stack.until_acknowledged("opensearch", 1)
    index = f"{stack.name}-2026.02.01"
    types = {name: kind for name, kind in leaves(mapping(opensearch, index))
             if not name.startswith("suricata.") and kind != "nested" and not name.endswith(".text")
             and name != "event.original"}
    document = {}
    for name, kind in types.items():
        *above, last = name.split(".")
        place = document
        for part in above:
            place = place.setdefault(part, {})
        place[last] = VALUES[kind][0]
    made = opensearch.bulk([{"create": {"_index": index, "_id": "all"}}, document])
    assert made["errors"] is False, json.dumps(made)[:2000]

    lines = []
    for name, kind in types.items():
        _, hit, miss = VALUES[kind]
        for query in (hit(name), miss(name)):
            lines += [{}, {"size": 0, "query": {"bool": {"filter": [{"ids": {"values": ["all"]}}, query]}}}]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    answers = opensearch.request("POST", f"{index}/_msearch", body)["responses"]
    for position, name in enumerate(types):
        hits = [answer["hits"]["total"]["value"] for answer in answers[2 * position:2 * position + 2]]
        assert hits == [1, 0], (name, types[name])

    sums = {name: {"sum": {"field": name}} for name, kind in types.items() if kind == "long"}
    answer = opensearch.request(
        "POST", f"{index}/_search", {"size": 0, "aggs": sums, "query": {"ids": {"values": ["all"]}}})
    assert {name: value["value"] for name, value in answer["aggregations"].items()} == dict.fromkeys(sums, 9e9)
    for query in ({"term": {"email.attachments.file.name": "Some Value"}},
                  {"nested": {"path": "email.attachments",
                              "query": {"term": {"email.attachments.file.name": "Some Value"}}}}):
        assert opensearch.request("POST", f"{index}/_count", {"query": query})["count"] == 1


ODD = {
    "a number where text was": {"event_type": 5, "http": {"status": "no number", "url": 7}},
    "text where an address was": {"dhcp": {"assigned_ip": "none"}, "src_port": "http"},
    "an object where a value was": {"app_proto": {"a": 1}, "flow": {"age": {"b": [1]}, "start": {}}},
    "a value where an object was": {"http": 5, "dns": "x", "alert": [1, 2]},
    "a value where a flat object was": {"stats": 5, "alert": {"metadata": "x"}},
    "a long value in a flat object": {"alert": {"metadata": {"a": ["x" * 40_000]}}},
    "long values": {"http": {"url": "/" + "x" * 100_000, "hostname": "ü" * 40_000}, "payload_printable": "y" * 900_000},
    "more names than the limit": {f"name{number}": number for number in range(2000)},
    "names with dots": {"a.b": 1, "..": 2, "c.": {"d": 3}},
    "a new type, once as an object": {"event_type": "newer", "newer": {"a": {"b": 1}}},
    "a new type, once as a value": {"event_type": "newer", "newer": "b"},
    "deep": {"deep": json.loads('{"x":' * 60 + "1" + "}" * 60)},
    "a huge number": {"flow": {"age": 10 ** 30, "pkts_toserver": -1e300}},
}


def test_odd_values_of_an_event_refuse_no_document(new_stack, opensearch):
    stack = new_stack(sinks=("opensearch",), opensearch=opensearch.url)
    for number, changes in enumerate(ODD.values()):
        eve.append(stack.eve, eve.line(number, "flow", **changes))
    stack.start()
    stack.until_acknowledged("opensearch", len(ODD))
    assert stack.totals("opensearch")["stored"] == len(ODD)
    assert stack.dead_letters() == []
    stored = {}
    for _, source in opensearch.documents(stack.name).values():
        event = source["suricata"].get("eve") or source["suricata"]["eve_unindexed"]
        stored[int(event["flow_id"]) - eve.FIRST_FLOW_ID] = event
    for number, (name, changes) in enumerate(ODD.items()):
        assert stored[number].items() >= changes.items(), name
    # Only what cannot be indexed at all is not.
    unindexed = opensearch.request("POST", f"{stack.name}-*/_count", {
        "query": {"bool": {"must_not": {"exists": {"field": "suricata.eve.timestamp"}}}}})["count"]
    assert 1 <= unindexed <= 6
    assert opensearch.request("GET", f"{stack.name}-*/_count?q=suricata.eve.newer.a.b:1")["count"] == 1
    assert mapped_count(mapping(opensearch, f"{stack.name}-*")) <= FIELDS_MAX

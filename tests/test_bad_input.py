"""Whatever stands in eve.json: good events are stored, the rest is a dead letter with its reason, nothing stops."""

import json

import pytest

from support import eve
from support.waiting import until

GOOD = 20


def through(stack, data, stored, dead=0):
    """Puts the data between good events, and waits until all of it is stored or a dead letter."""
    eve.append(stack.eve, eve.lines(GOOD) + data + eve.lines(GOOD, first=GOOD))
    stack.start()
    until(lambda: stack.stored() >= 2 * GOOD + stored and len(stack.dead_letters()) >= dead,
          f"{2 * GOOD + stored} events and {dead} dead letters", 40)
    assert stack.stored() == 2 * GOOD + stored
    letters = stack.dead_letters()
    assert len(letters) == dead
    for letter in letters:
        assert letter["reason"]
        assert letter["sensor"] == b"sensor-under-test"
        assert letter["source"] == str(stack.eve).encode()
        assert int(letter["offset"]) >= 0
    known = range(2 * GOOD)
    documents = stack.documents().values()
    numbers = [number for number in eve.flow_numbers(
        document for document in documents if "flow_id" in document["suricata"]["eve"]) if number in known]
    assert numbers == list(known)
    return letters


def the_one(stack, marker="odd"):
    """The one document whose event has this member."""
    found = [document for document in stack.documents().values() if marker in document["suricata"]["eve"]]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("text", [
    b"this is no JSON", b"{", b'{"timestamp":"2026-02-01T12:00:00.000000+0000","event_type":"dns"', b"nul", b'{"a":1}}',
    b"\xff\xfe\xfd", b"{'a': 1}", b'{"a":NaN}', b'{"a":01}', b'{"a":"\x01"}', b'{"a" 1}', b"{,}", b'{"a":"\\x41"}',
], ids=repr)
def test_what_is_no_json_is_a_dead_letter(stack, text):
    letter, = through(stack, text + b"\n", stored=0, dead=1)
    assert letter["bytes"] == text
    assert int(letter["offset"]) == len(eve.lines(GOOD))


@pytest.mark.parametrize("text", [b"[1,2,3]", b'"text"', b"17", b"null", b"true", b"[]"])
def test_json_that_is_no_object_is_a_dead_letter(stack, text):
    through(stack, text + b"\n", stored=0, dead=1)


@pytest.mark.parametrize("timestamp", [
    None, "", "yesterday", "2026-13-45T99:99:99.000000+0000", "1900-01-01T00:00:00.000000+0000",
    "2999-01-01T00:00:00.000000+0000", 17, {"a": 1}, "ts-error"], ids=repr)
def test_a_missing_or_wild_timestamp_is_stored_with_the_time_of_reading(stack, timestamp):
    through(stack, eve.line(99, odd=1, timestamp=timestamp), stored=1)
    document = the_one(stack)
    assert document["event"]["kind"] == "pipeline_error"
    assert document["@timestamp"][:4] >= "2025" and document["@timestamp"][:4] < "2900"
    assert document["error"]["message"]
    assert document["suricata"]["eve"].get("timestamp") == timestamp


@pytest.mark.parametrize("written, meant", [
    ("2026-02-01T12:00:00.123456+0000", "2026-02-01T12:00:00.123456Z"),
    ("2026-02-01T12:00:00.123456Z", "2026-02-01T12:00:00.123456Z"),
    ("2026-02-01T12:00:00.123456", "2026-02-01T12:00:00.123456Z"),
    ("2026-02-01T01:30:00.123456+02:00", "2026-01-31T23:30:00.123456Z"),
    ("2026-01-31T23:30:00.123456-0530", "2026-02-01T05:00:00.123456Z"),
    ("2026-02-01T12:00:00,123456+00", "2026-02-01T12:00:00.123456Z"),
    (1769947200123, "2026-02-01T12:00:00.123000Z"),
])
def test_every_form_of_timestamp(stack, written, meant):
    through(stack, eve.line(99, odd=1, timestamp=written), stored=1)
    assert the_one(stack)["@timestamp"] == meant


def nested(levels):
    value = "bottom"
    for _ in range(levels):
        value = {"level": value}
    return value


def test_twenty_levels_deep(new_stack, opensearch):
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=opensearch.url)
    through(stack, eve.line(99, odd=nested(20)), stored=1)
    assert the_one(stack)["suricata"]["eve"]["odd"] == nested(20)
    stack.until_acknowledged("opensearch", 2 * GOOD + 1)
    assert opensearch.count(stack.name) == 2 * GOOD + 1


def test_a_thousand_levels_stop_nothing(stack):
    deep = eve.line(99)[:-2] + b',"odd":' + b"[" * 1000 + b"]" * 1000 + b"}\n"
    eve.append(stack.eve, eve.lines(GOOD) + deep + eve.lines(GOOD, first=GOOD))
    stack.start()
    until(lambda: stack.stored() + len(stack.dead_letters()) == 2 * GOOD + 1, "every line to have an end")
    assert stack.stored() >= 2 * GOOD


def test_a_line_of_eight_mebibytes_is_stored_and_a_longer_one_is_a_dead_letter(stack):
    limit = 8 << 20

    def of_length(length, **members):
        base = len(eve.line(99, note="", **members)) - 1
        text = eve.line(99, note="x" * (length - base), **members)
        assert len(text) == length + 1
        return text

    letter, = through(stack, of_length(limit, odd=1) + of_length(limit + 1, even=1), stored=1, dead=1)
    assert len(the_one(stack)["suricata"]["eve"]["note"]) > limit - 2000
    assert int(letter["size"]) == limit + 1
    assert len(letter["bytes"]) <= 1 << 20, "a dead letter is bounded"


def test_fifty_thousand_keys(new_stack, opensearch):
    """SQLite stores it; OpenSearch stores it or refuses this one document."""
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=opensearch.url)
    keys = {f"key_{number}": number for number in range(50_000)}
    eve.append(stack.eve, eve.lines(GOOD) + eve.line(99, odd=keys) + eve.lines(GOOD, first=GOOD))
    stack.start()
    stack.until_stored(2 * GOOD + 1)
    assert the_one(stack)["suricata"]["eve"]["odd"] == keys
    until(lambda: sum(stack.totals("opensearch").values()) == 2 * GOOD + 1, "an outcome for each", 60)
    rejected = stack.totals("opensearch").get("rejected", 0)
    assert opensearch.count(stack.name) == 2 * GOOD + 1 - rejected
    assert rejected <= 1 and len(stack.dead_letters()) == rejected


def test_duplicate_keys_reach_opensearch_as_one(new_stack, opensearch):
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=opensearch.url)
    odd = eve.line(99, odd=1)[:-2] + b',"proto":"TCP","odd":2,"inner":{"a":1,"b":2,"a":3}}\n'
    through(stack, odd, stored=1)
    text, = [text for _, text in stack.query("SELECT id, document FROM events") if '"inner"' in text]
    json.loads(text, object_pairs_hook=without_doubles)
    stack.until_acknowledged("opensearch", 2 * GOOD + 1)
    assert opensearch.count(stack.name) == 2 * GOOD + 1


def without_doubles(pairs):
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names), f"a key stands twice among {names}"
    return dict(pairs)


@pytest.mark.parametrize("number", ["9223372036854775807", "9223372036854775808", "18446744073709551615",
                                    "18446744073709551616", "123456789012345678901234567890", "-9223372036854775809",
                                    "1e400", "0.1234567890123456789", "-0"])
def test_numbers_keep_their_digits(stack, number):
    odd = eve.line(99, odd=1)[:-2] + f',"large":{number}}}\n'.encode()
    through(stack, odd, stored=1)
    text, = [text for _, text in stack.query("SELECT id, document FROM events") if '"large"' in text]
    assert f'"large":{number}' in text or f'"large":"{number}"' in text


def test_large_numbers_reach_opensearch(new_stack, opensearch):
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=opensearch.url)
    odd = b"".join(eve.line(90 + place, odd=1)[:-2] + f',"flow":{{"bytes_toserver":{number}}}}}\n'.encode()
                   for place, number in enumerate((2**63 - 1, 2**63, 2**64, 10**30)))
    eve.append(stack.eve, odd)
    stack.start()
    stack.until_stored(4)
    until(lambda: sum(stack.totals("opensearch").values()) == 4, "an outcome for each")
    rejected = stack.totals("opensearch").get("rejected", 0)
    assert opensearch.count(stack.name) == 4 - rejected
    assert len(stack.dead_letters()) == rejected


def test_a_flow_id_keeps_every_digit(stack):
    through(stack, eve.line(99, odd=1, flow_id=2**63 + 5), stored=1)
    assert the_one(stack)["suricata"]["eve"]["flow_id"] == str(2**63 + 5)


@pytest.mark.parametrize("text", [b"caf\xe9", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"ok \xe2\x82\xac",
                                  b"\\ud800", b"\\u0000"], ids=repr)
def test_invalid_utf8_is_repaired(new_stack, opensearch, text):
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=opensearch.url)
    through(stack, eve.line(99, odd="MARK").replace(b"MARK", text), stored=1)
    raw, = [row for row, in stack.query("SELECT CAST(document AS BLOB) FROM events") if b'"odd"' in row]
    raw.decode()
    json.loads(raw)
    stack.until_acknowledged("opensearch", 2 * GOOD + 1)
    assert opensearch.count(stack.name) == 2 * GOOD + 1


def test_nuls_before_a_line_are_skipped(stack):
    """As copytruncate leaves them under a writer that keeps its position."""
    through(stack, b"\0" * 5000 + eve.line(99, odd=1), stored=1)


def test_nuls_inside_a_line_are_a_dead_letter(stack):
    letter, = through(stack, eve.line(99, odd=1)[:60] + b"\0\0" + eve.line(99, odd=1)[60:], stored=0, dead=1)
    assert letter["reason"]


def test_a_cut_line_before_a_whole_one(stack):
    """As a full RAM disk leaves it: the whole one is stored, the cut piece is a dead letter."""
    through(stack, eve.line(98)[:111] + eve.line(99, odd=1), stored=1, dead=1)
    assert the_one(stack)["suricata"]["eve"]["flow_id"] == str(eve.FIRST_FLOW_ID + 99)


SPACED = json.dumps(json.loads(eve.line(99, odd=1))).encode() + b"\n"


@pytest.mark.parametrize("front, pieces", [
    (b"Aug  6 12:00:00 pi suricata[1]: ", 1), (b"<134>Aug  6 12:00:00 pi suricata[1]: @cee: ", 1), (b"@cee: ", 0),
    (b"\xef\xbb\xbf", 0), (SPACED[:111], 1), (SPACED[:9], 1)], ids=repr)
def test_an_event_with_blanks_behind_something_else_is_found(stack, front, pieces):
    letters = through(stack, front + SPACED, stored=1, dead=pieces)
    assert the_one(stack)["suricata"]["eve"]["flow_id"] == str(eve.FIRST_FLOW_ID + 99)
    assert [letter["bytes"] for letter in letters] == [front] * pieces


def test_a_byte_order_mark_at_the_start_of_the_file(stack):
    eve.append(stack.eve, b"\xef\xbb\xbf" + eve.lines(GOOD))
    stack.start()
    stack.until_stored(GOOD)
    assert stack.dead_letters() == []


@pytest.mark.parametrize("text", [
    json.dumps([json.loads(eve.line(99)), {}]), json.dumps(json.loads(eve.line(99)), indent=2)], ids=["array", "pretty"])
def test_a_file_that_is_laid_out_is_told_once_what_is_wanted(stack, text):
    eve.append(stack.eve, text.encode() + b"\n" + eve.lines(GOOD))
    stack.start()
    stack.until_stored(GOOD)
    assert b"one event on one line is wanted" in stack.dead_letters()[0]["reason"]
    assert stack.reader.log.count("one event on one line is wanted") == 1


def test_empty_lines_and_carriage_returns(stack):
    through(stack, b"\n\r\n\n" + eve.line(99, odd=1)[:-1] + b"\r\n", stored=1)


def test_two_equal_lines_are_two_events(stack):
    through(stack, eve.line(99) + eve.line(99), stored=2)


def test_a_bad_line_among_many_costs_no_more_than_itself(stack):
    data = b"".join(eve.line(1000 + number) + b"{broken\n" for number in range(500))
    through(stack, data, stored=500, dead=500)

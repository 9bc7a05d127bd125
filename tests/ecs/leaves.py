#!/usr/bin/env python3
"""Whether nothing of an event is lost: each of its leaves must stand in the document under `suricata.eve`.

    tests/ecs/leaves.py EVE...

Walks every event of the files leaf by leaf, also empty objects and arrays, twice: with secrets kept, where nothing may
differ but `flow_id`, which is a text of the same digits, and with secrets masked as is the default, where a mask may
stand in the places that are known to hold secrets; these are named with their number. An alert also has the dates of its
rule. Build first: `make build`; ECS_TRANSFORMER names another program. Files that end in `.zst` are unpacked. Ends with
status 1 when a leaf is missing or different, or when the document has one that the event has not.
"""

import argparse
import base64
import collections
import re
import sys

import eve_documents

SHOWN_MAX = 20
MASK = "***"
# The places where all of a value is secret, those where it is what follows a word, and those where it is a part.
WHOLE = re.compile(
    r"ftp\.command_data|pop3\.request\.args\[]|snmp\.community|mqtt\.connect\.password"
    r"|mqtt\.(auth|connect|connack)\.properties\.authentication_data"
    r"|pgsql\.request\.(password|sasl_response)|pgsql\.response\.authentication_sasl_final"
    r"|ldap\.request\.bind_request\.sasl\.credentials"
    r"|rfb\.authentication\.vnc\.response|sip\.sdp(\.media_descriptions\[])?\.encryption_key")
HEADER = re.compile(r"http\.((proxy_)?authorization|(request|response)_headers\[]\.value)")
PART = re.compile(
    r"http\.(url|http_refer|redirect|http_(request|response)_body_printable|(request|response)_headers\[]\.value)"
    r"|(fileinfo|files\[])\.filename|email\.url\[]|sip\.(uri|request_line|sdp\.uri)|pop3\.response\.data\[]"
    r"|mqtt\.(publish|connect(\.will)?)\.(message|topic|username|properties\.(user_properties\[]\.value|\w+))"
    r"|metadata\.(flow|pkt)vars\[]\.\w+|ldap\..*(values?(\[])?)|((frame|websocket)\.)?payload_printable")
# Those of base 64, where each byte of a secret is masked by itself.
BYTES = re.compile(r"(frame\.)?payload|packet|http\.http_(request|response)_body|websocket\.payload_base64")
POSITION = re.compile(r"\[\d+\]")


def same(path, expected, found):
    if path == "flow_id" and isinstance(expected, int):
        return found == str(expected)
    return type(expected) is type(found) and expected == found


def is_masked(path, value, found):
    """Whether `found` is `value` with masks and nothing else changed, in a place where secrets are."""
    place = POSITION.sub("[]", path)
    if not isinstance(value, str) or not isinstance(found, str):
        return False
    if WHOLE.fullmatch(place):
        return found == MASK
    if HEADER.fullmatch(place) and re.fullmatch(r"(\S+ )?\*{3}", found):
        return value.startswith(found[:-len(MASK)])
    if BYTES.fullmatch(place):
        value, found = base64.b64decode(value), base64.b64decode(found)
        return len(value) == len(found) and all(new in (old, ord("*")) for old, new in zip(value, found))
    if not PART.fullmatch(place):
        return False
    pieces = [re.escape(piece) for piece in found.split(MASK)]
    return len(pieces) > 1 and re.fullmatch(".+?".join(pieces), value, re.DOTALL) is not None


def dates_of_rule(event):
    """What an alert has besides: the days of its rule."""
    alert = event.get("alert")
    metadata = alert.get("metadata") if isinstance(alert, dict) else None
    for key in ("created_at", "updated_at"):
        if isinstance(metadata, dict) and metadata.get(key) and key not in alert:
            yield f"alert.{key}", metadata[key][0].replace("_", "-")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="EVE")
    given = parser.parse_args()
    checked, events, unequal, passed_over = 0, 0, [], 0
    masked = collections.Counter()
    for file in given.files:
        lines = eve_documents.lines_of(file)
        pairs = [(line, event) for line in lines if (event := eve_documents.event_of(line)) is not None]
        passed_over += len(lines) - len(pairs)
        events += len(pairs)
        for options in ((), ("--keep-secrets",)):
            documents = eve_documents.documents_of([line for line, _ in pairs], *options)
            for number, ((_, event), document) in enumerate(zip(pairs, documents), start=1):
                found = dict(eve_documents.leaves(document["suricata"]["eve"]))
                for path, value in eve_documents.leaves(event):
                    checked += 1
                    other = found.pop(path, None)
                    if same(path, value, other):
                        continue
                    if not options and is_masked(path, value, other):
                        masked[POSITION.sub("[]", path)] += 1
                    else:
                        unequal.append(f"{file}, event {number}: {path} is {value!r:.80}, found {other!r:.80}")
                for path, value in dates_of_rule(event):
                    if found.get(path) == value:
                        del found[path]
                unequal += [f"{file}, event {number}: {path} was not in the event" for path in found]
    print(f"{events} events, {checked} leaves in two runs: {len(unequal)} differ, {masked.total()} are masked")
    for path, number in sorted(masked.items()):
        print(f"  masked {number:6d} {path}")
    if passed_over:
        print(f"  {passed_over} lines are no event and were passed over")
    for line in unequal[:SHOWN_MAX]:
        print(f"  {line}")
    sys.exit(1 if unequal else 0)


if __name__ == "__main__":
    main()

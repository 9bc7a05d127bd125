#!/usr/bin/env python3
"""Whether nothing of an event is lost: each of its leaves must stand in the document under `suricata.eve`.

    tests/ecs/leaves.py EVE...

Walks every event of the files leaf by leaf, also empty objects and arrays. Two things may differ: `flow_id` is a text
of the same digits, and a secret is masked; masked places are named with their number. Build first: `make build`;
ECS_TRANSFORMER names another program. Files that end in `.zst` are unpacked. Ends with status 1 when a leaf is missing
or different, or when the document has one that the event has not.
"""

import collections
import re
import sys

import eve_documents

SHOWN_MAX = 20
# Where Suricata writes what only the two ends should know. A mask is not accepted in any other place.
SECRET = re.compile(
    r"password|community|authorization|cookie|sasl|secret|authentication_data|command_data|\.args\["
    r"|payload|packet$|(request|response)_(body|headers)|http_refer|\.ur[il]$|flowvars|\.reply\[", re.IGNORECASE)
POSITION = re.compile(r"\[\d+\]")


def same(path, expected, found):
    if path == "flow_id" and isinstance(expected, int):
        return found == str(expected)
    return type(expected) is type(found) and expected == found


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    checked, events, unequal, passed_over = 0, 0, [], 0
    masked = collections.Counter()
    for file in sys.argv[1:]:
        lines = eve_documents.lines_of(file)
        pairs = [(line, event) for line in lines if (event := eve_documents.event_of(line)) is not None]
        passed_over += len(lines) - len(pairs)
        documents = eve_documents.documents_of([line for line, _ in pairs])
        for number, ((_, event), document) in enumerate(zip(pairs, documents), start=1):
            events += 1
            found = dict(eve_documents.leaves(document["suricata"]["eve"]))
            for path, value in eve_documents.leaves(event):
                checked += 1
                other = found.pop(path, None)
                if same(path, value, other):
                    continue
                if isinstance(value, str) and isinstance(other, str) and "*" in other and SECRET.search(path):
                    masked[POSITION.sub("[]", path)] += 1
                else:
                    unequal.append(f"{file}, event {number}: {path} is {value!r:.80}, found {other!r:.80}")
            unequal += [f"{file}, event {number}: {path} was not in the event" for path in found]
    print(f"{events} events, {checked} leaves: {len(unequal)} differ, {masked.total()} are masked")
    for path, number in sorted(masked.items()):
        print(f"  masked {number:6d} {path}")
    if passed_over:
        print(f"  {passed_over} lines are no event and were passed over")
    for line in unequal[:SHOWN_MAX]:
        print(f"  {line}")
    sys.exit(1 if unequal else 0)


if __name__ == "__main__":
    main()

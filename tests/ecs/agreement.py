#!/usr/bin/env python3
"""How far the documents agree with those that Elastic publishes for the same events.

    tests/ecs/agreement.py FOLDER

FOLDER holds pairs `NAME.log` and `NAME.log-expected.json`, as the tests of Filebeat's module and of Elastic's integration
do. Of each expected document all ECS fields are compared but for places, and what only their shippers know. Arrays are
sets, times count to the millisecond. A field may differ only in a way that is written down below, as
`docs/ecs-mapping.md` does with the reasons. Ends with status 1 when a field is wrong in any other way, or when under 98 %
of the fields are the same. Build first: `make build`; ECS_TRANSFORMER names another program.
"""

import argparse
import ipaddress
import json
import pathlib
import re
import sys

import eve_documents

RECALL_MIN = 0.98
LEFT_OUT = re.compile(
    r"(agent|ecs|input|log|fileset|service|data_stream|elastic_agent|suricata|tags|labels|host|error)(\.|$)"
    r"|event\.(original|ingested|created|module|dataset|timezone)$|\w+\.(geo|as)\.|_tmp_")


def normal(value):
    if isinstance(value, str):
        if time := re.fullmatch(r"(\d{4}-\d\d-\d\dT[\d:]{8})(\.\d{3})?\d*Z?", value):
            return time[1] + (time[2] or ".000")
        # Their certificates' subjects keep the comma behind each part, their browsers' versions a dot.
        value = value.rstrip(",.")
        try:
            return str(ipaddress.ip_address(value))
        except ValueError:
            return value
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


def fields(document, path=""):
    """Each ECS field with the set of its values; a field with an empty text is none."""
    found = {}
    for key, value in document.items():
        name = path + key
        if isinstance(value, dict):
            found.update(fields(value, name + "."))
        elif not LEFT_OUT.match(name) and value not in ("", None):
            found[name] = {normal(element) for element in (value if isinstance(value, list) else [value])}
    return found


def is_on_purpose(field, ours, theirs):
    mine, other = ours.get(field, set()), theirs[field]
    if field.endswith(".mac"):
        return mine == {address.upper().replace(":", "-") for address in other}
    if field == "event.category":
        return mine - other == {"file"} or not mine and ours["event.kind"] == {"metric"}
    if field == "url.path":
        return any("://" in url and url.endswith(path) for path in mine for url in other)
    if field == "related.ip":
        return mine - other == ours.get("dns.resolved_ip")
    if field == "destination.domain":
        return not mine and ours.get("source.domain") == other
    if field in ("message", "file.name"):
        return not mine
    return field == "threat.tactic.id"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    total, same, purposes, wrong = 0, 0, [], []
    for log in sorted(folder.glob("*.log")):
        expected = json.loads(pathlib.Path(f"{log}-expected.json").read_text())
        expected = expected["expected"] if isinstance(expected, dict) else expected
        documents = eve_documents.documents_of(eve_documents.lines_of(str(log)))
        for number, (document, other) in enumerate(zip(documents, expected, strict=True), start=1):
            ours, theirs = fields(document), fields(other)
            total += len(theirs)
            for field, values in theirs.items():
                if ours.get(field) == values:
                    same += 1
                    continue
                text = f"{log.name}, event {number}: {field} is {sorted(ours.get(field, []))}, theirs {sorted(values)}"
                (purposes if is_on_purpose(field, ours, theirs) else wrong).append(text)
    if not total:
        sys.exit(f"{folder} has no cases")
    print(f"{same} of {total} fields agree, {same / total:.2%}; {len(purposes)} differ on purpose, {len(wrong)} are wrong")
    for text in wrong + purposes:
        print(f"  {text}")
    sys.exit(1 if wrong or same / total < RECALL_MIN else 0)


if __name__ == "__main__":
    main()

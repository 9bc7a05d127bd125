#!/usr/bin/env python3
"""How many ECS fields the documents of EVE files have.

    tests/ecs/richness.py [--fields] EVE...

Prints for each file the ECS fields of a document on average and the distinct ones, then the same over all files. A
field counts once a document, whatever number of values it has; `suricata.*` does not count. The figures in parentheses leave
out what is the same in every document of a sensor (`ecs.*`, `observer.*`, `event.module`, `event.dataset`). --fields
lists each field with the number of documents that have it. Build first: `make build`; ECS_TRANSFORMER names another
program. Files that end in `.zst` are unpacked.
"""

import argparse
import collections

import eve_documents

CONSTANT = ("ecs.", "observer.", "event.module", "event.dataset")


def fields_of(document, path=""):
    """The paths of the ECS fields; arrays, also those of objects, are one field."""
    for key, value in document.items():
        name = f"{path}.{key}" if path else key
        if name == "suricata":
            continue
        if isinstance(value, dict):
            yield from fields_of(value, name)
        else:
            yield name


def report(name, count, fields):
    varying = {field: number for field, number in fields.items() if not field.startswith(CONSTANT)}
    print(f"{name}: {count} documents, {fields.total() / count:.2f} ECS fields a document "
          f"({sum(varying.values()) / count:.2f}), {len(fields)} distinct ({len(varying)})")


def main():
    parser = argparse.ArgumentParser(description="Counts the ECS fields of the documents of EVE files.")
    parser.add_argument("files", nargs="+", metavar="EVE")
    parser.add_argument("--fields", action="store_true", help="list each field with its documents")
    arguments = parser.parse_args()
    total, fields_of_all = 0, collections.Counter()
    for path in arguments.files:
        lines = [line for line in eve_documents.lines_of(path) if eve_documents.event_of(line) is not None]
        fields = collections.Counter()
        for document in eve_documents.documents_of(lines):
            fields.update(set(fields_of(document)))
        if lines:
            report(path, len(lines), fields)
        total += len(lines)
        fields_of_all += fields
    if total and len(arguments.files) > 1:
        report("all", total, fields_of_all)
    if arguments.fields:
        for field, number in sorted(fields_of_all.items()):
            print(f"{number:8d} {field}")


if __name__ == "__main__":
    main()

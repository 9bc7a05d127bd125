"""Says what of a dashboard Grafana's own schema does not know; run by the Python that has `grafana_foundation_sdk`.

    grafana_schema.py FILE…      prints one line for each member that a reading by the schema leaves out or changes
"""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

# Grafana itself writes this beside the query of a variable; the schema has only the query.
BEYOND_THE_SCHEMA = {"definition"}


def differences(ours, read, place):
    """Members that are gone or different; what the schema adds are its defaults."""
    if isinstance(ours, dict) and isinstance(read, dict):
        for name, value in ours.items():
            if name in read:
                yield from differences(value, read[name], f"{place}.{name}")
            elif name not in BEYOND_THE_SCHEMA:
                yield f"{place}.{name}: unknown"
    elif isinstance(ours, list) and isinstance(read, list) and len(ours) == len(read):
        for index, (one, other) in enumerate(zip(ours, read)):
            yield from differences(one, other, f"{place}[{index}]")
    elif ours != read:
        yield f"{place}: {ours!r} is read as {read!r}"


def main():
    register_default_plugins()
    for path in sys.argv[1:]:
        with open(path) as file:
            ours = json.load(file)
        read = json.loads(json.dumps(Dashboard.from_json(ours), cls=JSONEncoder))
        for difference in differences(ours, read, path):
            print(difference)


main()

"""The composition for development: a real Suricata plays the captures, the services log everything."""

import json

from support import engine
from support.waiting import until


def test_recorded_traffic_arrives(new_composition):
    engine.run("docker", "build", "--file", "fixtures/Dockerfile", "--tag", "ids-suite/traffic:dev", ".", seconds=900)
    development = new_composition(files=["docker-compose.dev.yml"]).up()
    until(lambda: development.stored() >= 50, lambda: f"50 events, stored {development.stored()}", 120)
    traffic = next(iter(development.containers("traffic").values()))
    assert traffic["State"]["Running"] and traffic["HostConfig"]["ReadonlyRootfs"]
    assert traffic["HostConfig"]["NetworkMode"] == "none"
    # The RAM disk is one that the two share, not a folder of the host.
    size = development.compose("exec", "-T", "eve-reader", "stat", "--file-system", "--format", "%T", "/mnt/ram_logs")
    assert size.strip() == "tmpfs"
    reader = next(iter(development.containers("eve-reader").values()))
    assert "LOG_LEVEL=debug" in reader["Config"]["Env"]
    def prometheus_counts_them():
        text = development.compose(
            "exec", "-T", "prometheus", "wget", "-qO-",
            "http://127.0.0.1:9090/api/v1/query?query=ids_events_stored_total")
        results = json.loads(text)["data"]["result"]
        return any(float(result["value"][1]) > 0 for result in results)

    until(prometheus_counts_them, "the stored events in Prometheus", 60)

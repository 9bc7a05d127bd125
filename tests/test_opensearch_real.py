"""The faults that a real OpenSearch shows: overload, size limits, refusals, credentials, a kill."""

import time
from datetime import datetime, timedelta, timezone

from support import eve
from support.waiting import until


def shipping(new_stack, node, **settings):
    return new_stack(sinks=("opensearch",), opensearch=node.url,
                     settings={key.replace("__", "."): value for key, value in settings.items()})


def test_overload_and_size_limit_lose_nothing(new_stack, narrow_opensearch):
    """429 for whole requests and for items, and 413 for requests over 1 MiB."""
    stack = shipping(new_stack, narrow_opensearch, opensearch__requests_in_flight=4)
    eve.many(stack.eve, 8_000)
    stack.start()
    stack.until_acknowledged("opensearch", 8_000, seconds=90)
    assert narrow_opensearch.count(stack.name) == 8_000
    assert stack.dead_letters() == []
    pressure = narrow_opensearch.request("GET", "_nodes/stats/indexing_pressure,thread_pool")
    node, = pressure["nodes"].values()
    refused = node["indexing_pressure"]["memory"]["total"]["coordinating_rejections"]
    assert refused + node["thread_pool"]["write"]["rejected"] > 0, "OpenSearch was never overloaded"


def test_killed_and_restarted(new_stack, opensearch):
    stack = shipping(new_stack, opensearch)
    eve.many(stack.eve, 1_000)
    stack.start()
    stack.until_acknowledged("opensearch", 500, seconds=60)
    opensearch.kill()
    eve.append(stack.eve, eve.lines(500, first=1_000))
    shipper = stack.shippers["opensearch"]
    until(lambda: shipper.get("/readyz")[0] == 503, "the shipper not to be ready")
    opensearch.start()
    stack.until_acknowledged("opensearch", 1_500, seconds=60)
    assert opensearch.count(stack.name) == 1_500
    sources = [source for _, source in opensearch.documents(stack.name).values()]
    assert eve.flow_numbers(sources) == list(range(1_500))


def test_a_value_that_does_not_fit_its_mapping_is_a_dead_letter(new_stack, opensearch):
    stack = shipping(new_stack, opensearch)
    eve.append(stack.eve, eve.line(0, "newproto") + eve.line(1, "alert", src_ip="no address") + eve.line(2, "dns"))
    stack.start()
    until(lambda: sum(stack.totals("opensearch").get(end, 0) for end in ("stored", "rejected")) == 3, "three outcomes")
    # A mapping may leave out what is no address, or OpenSearch refuses it; either way the other two are there.
    rejected = stack.totals("opensearch").get("rejected", 0)
    assert len(stack.dead_letters()) == rejected
    assert opensearch.count(stack.name) == 3 - rejected


def test_an_index_that_must_not_be_made_is_said_and_survived(new_stack, opensearch):
    """Items refused with 404 index_not_found_exception, which says nothing about the documents: they wait."""
    stack = shipping(new_stack, opensearch)
    opensearch.request("PUT", "_cluster/settings", {"transient": {"action.auto_create_index": "false"}})
    try:
        eve.append(stack.eve, eve.lines(20))
        stack.start(ready=False)
        shipper = stack.shippers["opensearch"]
        until(lambda: "index_not_found" in shipper.get("/readyz")[1], "the reason in /readyz")
    finally:
        opensearch.request("PUT", "_cluster/settings", {"transient": {"action.auto_create_index": None}})
    stack.until_acknowledged("opensearch", 20)
    assert opensearch.count(stack.name) == 20
    assert stack.dead_letters() == []


def test_a_store_that_may_be_looked_at_and_not_written_is_told_once(new_stack, opensearch):
    """Look-ups work, and each template is refused: one warning, growing pauses, and no moment of readiness."""
    stack = shipping(new_stack, opensearch, opensearch_shipper__backoff_max_ms=30_000)
    opensearch.request("PUT", "_cluster/settings", {"transient": {"cluster.blocks.read_only": True}})
    try:
        eve.append(stack.eve, eve.lines(20))
        stack.start(ready=False)
        shipper = stack.shippers["opensearch"]
        until(lambda: "cluster.blocks.read_only to null" in shipper.get("/readyz")[1], "the remedy in /readyz")
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            status, reason = shipper.get("/readyz")
            assert status == 503 and "cluster_block_exception" in reason
            time.sleep(0.02)
        assert shipper.log.count("Nothing can be stored") == 1
    finally:
        opensearch.request("PUT", "_cluster/settings", {"transient": {"cluster.blocks.read_only": None}})
    shipper.terminate()
    shipper.start()
    stack.until_acknowledged("opensearch", 20)
    assert opensearch.count(stack.name) == 20


def test_a_misconfigured_day_makes_no_dead_letters(new_stack, opensearch):
    """The day's index is closed and its pipeline is gone: everything waits, with the way out, and is stored then."""
    stack = shipping(new_stack, opensearch)
    stack.start()
    eve.append(stack.eve, eve.lines(10))
    stack.until_acknowledged("opensearch", 10)
    index, = {name for name, _ in opensearch.documents(stack.name).values()}
    opensearch.request("PUT", f"{index}/_settings", {"index.default_pipeline": "nobody-has-made-it"})
    opensearch.request("POST", f"{index}/_close")
    eve.append(stack.eve, eve.lines(400, first=10))
    shipper = stack.shippers["opensearch"]
    until(lambda: "nobody-has-made-it" in shipper.get("/readyz")[1], "the pipeline in /readyz")
    opensearch.request("PUT", f"{index}/_settings", {"index.default_pipeline": None})
    until(lambda: "open it" in shipper.get("/readyz")[1], "the closed index in /readyz")
    assert stack.totals("opensearch")["stored"] == 10 and stack.dead_letters() == []
    opensearch.request("POST", f"{index}/_open")
    stack.until_acknowledged("opensearch", 410)
    assert opensearch.count(stack.name) == 410
    assert stack.dead_letters() == []
    shipper.until_ready()


def test_events_of_impossible_days_share_one_index(new_stack, opensearch):
    stack = shipping(new_stack, opensearch, opensearch__index_days_back=400)
    now = datetime.now(timezone.utc)
    days = (-12_000, -5_000, -402, -399, 0)
    eve.append(stack.eve, b"".join(
        eve.line(number, time=now + timedelta(days=day)) for number, day in enumerate(days)))
    stack.start()
    stack.until_acknowledged("opensearch", len(days))
    documents = opensearch.documents(stack.name).values()
    assert sum(index == f"{stack.name}-outside" for index, _ in documents) == 3
    assert len({index for index, _ in documents}) == 3
    shipper = stack.shippers["opensearch"]
    assert shipper.metrics()["ids_opensearch_shipper_documents_outside_total"] == 3
    assert shipper.log.count("is a clock wrong?") == 1


def test_tls_with_own_ca_and_password_from_a_file(new_stack, secure_opensearch):
    stack = shipping(new_stack, secure_opensearch, opensearch__username="admin",
                     opensearch__ca_file=str(secure_opensearch.ca_file))
    password = stack.directory / "password"
    password.write_text("wrong\n")
    shipper = stack.shippers["opensearch"]
    shipper.environment["OPENSEARCH_PASSWORD_FILE"] = str(password)
    eve.append(stack.eve, eve.lines(100))
    stack.start(ready=False)
    until(lambda: "401" in shipper.get("/readyz")[1], "401 to be the reason in /readyz")
    assert stack.dead_letters() == []
    password.write_text("admin\n")
    shipper.terminate()
    shipper.start()
    stack.until_acknowledged("opensearch", 100)
    assert secure_opensearch.count(stack.name) == 100


def test_an_unknown_certificate_is_refused(new_stack, secure_opensearch):
    stack = shipping(new_stack, secure_opensearch, opensearch__username="admin")
    shipper = stack.shippers["opensearch"]
    shipper.environment["OPENSEARCH_PASSWORD"] = "admin"
    eve.append(stack.eve, eve.lines(5))
    stack.start(ready=False)
    until(lambda: "certificate" in shipper.get("/readyz")[1].lower(), "the certificate to be the reason in /readyz")
    assert stack.totals("opensearch") == {}
    assert "admin" not in shipper.log.replace("username", "")


def test_a_user_without_the_right_to_the_index(new_stack, secure_opensearch):
    """403 is a matter for the operator, who gives the right; then everything is stored."""
    node = secure_opensearch
    password = "Long-enough-9-for-tests"

    def role(indexes):
        return {"cluster_permissions": ["indices:admin/index_template/*", "cluster:admin/component_template/*",
                                        "indices:data/write/bulk"],
                "index_permissions": [{"index_patterns": [indexes], "allowed_actions": ["indices_all"]}]}

    node.request("PUT", "_plugins/_security/api/roles/writer", role("elsewhere-*"))
    node.request("PUT", "_plugins/_security/api/internalusers/writer", {"password": password})
    node.request("PUT", "_plugins/_security/api/rolesmapping/writer", {"users": ["writer"]})
    stack = shipping(new_stack, node, opensearch__username="writer", opensearch__ca_file=str(node.ca_file))
    shipper = stack.shippers["opensearch"]
    shipper.environment["OPENSEARCH_PASSWORD"] = password
    eve.append(stack.eve, eve.lines(10))
    stack.start(ready=False)
    until(lambda: "403" in shipper.get("/readyz")[1], "the refusal in /readyz")
    assert stack.dead_letters() == []
    node.request("PUT", "_plugins/_security/api/roles/writer", role(f"{stack.name}-*"))
    stack.until_acknowledged("opensearch", 10)
    assert node.count(stack.name) == 10

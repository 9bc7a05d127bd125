"""The lifecycle policy in a real OpenSearch, which acts once a minute at best: begun first, looked at last."""

import pytest

from support import eve
from support.waiting import until


@pytest.fixture(scope="session")
def ageing(opensearch):
    """The name of a stack whose indexes are to be warm at once."""
    opensearch.request(
        "PUT", "_cluster/settings", {"persistent": {"plugins.index_state_management.job_interval": 1}})
    return {}


@pytest.mark.runs_first
def test_indexes_are_managed_from_their_first_document(new_stack, opensearch, ageing):
    stack = new_stack(sinks=("opensearch",), opensearch=opensearch.url, settings={
        "opensearch.warm_after_days": 0, "opensearch.delete_after_days": 30})
    stack.start()
    for count in (100, 200, 300):  # each count is a refresh, and so makes a segment
        eve.append(stack.eve, eve.lines(100, first=count - 100))
        stack.until_acknowledged("opensearch", count)
        assert opensearch.count(stack.name) == count
    index, = opensearch.request("GET", f"{stack.name}-*")
    assert opensearch.policy_of(index) == f"ids-suite-{stack.name}"
    assert len(opensearch.request("GET", f"_cat/segments/{index}?format=json")) > 1
    ageing.update(index=index, prefix=stack.name)


def test_each_class_has_its_own_indexes_and_policy(new_stack, opensearch):
    stack = new_stack(sinks=("opensearch",), opensearch=opensearch.url, settings={"opensearch.classes": "true"})
    stack.start()
    kinds = {"flow": "", "alert": "-alerts", "stats": "-stats"}
    eve.append(stack.eve, b"".join(eve.line(number, kind) for number, kind in enumerate(kinds)))
    stack.until_acknowledged("opensearch", 3)
    stored = {source["suricata"]["eve"]["event_type"]: index for index, source in
              opensearch.documents(stack.name).values()}
    assert stored == {kind: f"{stack.name}{infix}-2026.02.01" for kind, infix in kinds.items()}
    for kind, infix in kinds.items():
        assert opensearch.policy_of(stored[kind]) == f"ids-suite-{stack.name}{infix}"


@pytest.mark.runs_last
def test_a_managed_index_is_moved_on_and_merged(opensearch, ageing):
    """`hot` to `warm` with all its actions; the last action, merging, leaves one segment."""
    assert ageing, "the first test of this file has failed"
    index = ageing["index"]

    def is_warm_and_done():
        managed = opensearch.request("GET", f"_plugins/_ism/explain/{index}")[index]
        assert not managed.get("retry_info", {}).get("failed"), managed
        settings = opensearch.request("GET", f"{index}/_settings")[index]["settings"]["index"]
        segments = opensearch.request("GET", f"_cat/segments/{index}?format=json")
        state = managed.get("state", {}).get("name")
        return (state == "warm" and settings.get("priority") == "50" and settings["number_of_replicas"] == "0"
                and len(segments) == 1 and (state, settings["priority"]))

    until(is_warm_and_done, "the index to be warm", seconds=600, every=2)
    assert opensearch.count(ageing["prefix"]) == 300

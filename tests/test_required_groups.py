"""Which groups must have a batch before it leaves Redis, by default and by hand."""

from support import eve
from support.waiting import until


def entries(stack):
    return stack.redis.client.xlen(stack.key("ecs"))


def test_a_store_alone_needs_no_setting(stack):
    """The budget of the stream holds a part of the events only, so entries have to leave it."""
    assert "opensearch_shipper.required_groups" not in stack.settings
    stack.write_config(ecs_transformer__stream_bytes_max="1MiB", ecs_transformer__compression_level=0)
    eve.append(stack.eve, eve.lines(3_000))
    stack.start()
    stack.until_stored(3_000)
    until(lambda: entries(stack) == 0, "all entries to leave Redis")
    assert stack.shippers["sqlite"].ready


def test_a_required_group_that_nobody_reads_by_is_named(new_stack):
    stack = new_stack(settings={"opensearch_shipper.required_groups": ["local", "opensaerch"]})
    eve.append(stack.eve, eve.lines(3))
    stack.start()
    stack.until_stored(3)
    shipper = stack.shippers["sqlite"]
    until(lambda: "opensaerch does not exist" in shipper.readiness["parts"]["groups"]["reason"],
          "the shipper to say so")
    assert "required_groups" in shipper.readiness["parts"]["groups"]["reason"]
    assert entries(stack) > 0
    stack.redis.client.xgroup_create(stack.key("ecs"), "opensaerch", "$")
    shipper.until_ready()
    until(lambda: entries(stack) == 0, "the entries to leave Redis")
    assert shipper.log.count("opensaerch does not exist") == 1


def test_the_other_sink_keeps_its_entries_without_a_setting(new_stack, sink):
    """Two shippers started by hand: what OpenSearch has not got must not leave because the local store has it."""
    stack = new_stack(sinks=("sqlite", "opensearch"), opensearch=sink.url)
    sink.fault = lambda answer: answer.send(503, {})
    stack.start(ready=False)
    for group in ("local", "opensearch"):
        until(lambda: stack.redis.client.exists(stack.key("ecs"))
              and group.encode() in [row["name"] for row in stack.redis.client.xinfo_groups(stack.key("ecs"))], group)
    eve.append(stack.eve, eve.lines(20))
    stack.until_acknowledged("sqlite", 20)
    until(lambda: sink.requests, "OpenSearch to be asked")
    sink.fault = None
    stack.until_acknowledged("opensearch", 20)
    assert len(sink.documents) == 20
    until(lambda: entries(stack) == 0, "the entries to leave Redis")

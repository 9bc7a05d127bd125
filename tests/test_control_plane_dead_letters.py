"""Dead letters: found in the API and the page, mended, sent again, and stored once, whatever is killed meanwhile."""

import json
import threading

import pytest

from support import eve
from support.control_plane import PASSWORD, ControlPlane
from support.pages import Visitor, playwright
from support.processes import RedisServer
from support.stack import Stack
from support.waiting import until
from test_redis_users import users_file

EVENTS = 12
FIELD = "dns.question.name"
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
HOME = "/pipeline/dead-letters"


def dns(number, name):
    """A line with this question."""
    body = eve.event(number, "dns")["dns"]
    return eve.line(number, "dns", dns={**body, "rrname": name})


def refuses_bad_names(answer):
    """Answers as OpenSearch does when a document has in a field what the index cannot take."""
    results = []
    for action, document in answer.items:
        value = json.loads(document).get("dns", {}).get("question", {}).get("name", "")
        if not value.startswith("bad"):
            results.append(answer.sink.create(action, document))
            continue
        (verb, target), = action.items()
        reason = (f"failed to parse field [{FIELD}] of type [ip] in document with id '{target['_id']}'. "
                  f"Preview of field's value: '{value}'")
        results.append({verb: {**target, "status": 400, "error": {"type": "document_parsing_exception", "reason": reason}}})
    answer.send(200, {"took": 1, "errors": True, "items": results})


@pytest.fixture
def pipeline(new_stack, sink):
    """A pipeline into both kinds of store, of which OpenSearch refuses some documents."""
    sink.fault = refuses_bad_names
    return new_stack(sinks=("sqlite", "opensearch"), opensearch=sink.url).start()


@pytest.fixture
def new_plane(tmp_path):
    """Makes control planes beside a pipeline."""
    made = []

    def make(stack, **options):
        plane = ControlPlane(tmp_path, sections={
            "sqlite": {"path": str(stack.store)},
            "redis": {"host": "127.0.0.1", "port": stack.redis.port, "prefix": f"{stack.name}:", "backoff_max_ms": 200},
            **options.pop("sections", {})}, **options)
        made.append(plane)
        return plane.start().until_ready()

    yield make
    for plane in made:
        plane.kill()


def groups(browser, count):
    """The reasons, when so many letters are there."""
    return until(lambda: (answer := browser.get("/dead-letters").json)["count"] == count and answer["groups"],
                 lambda: f"{count} dead letters, not {browser.get('/dead-letters').body}", 30)


def letters(browser, group):
    found, start = [], None
    while True:
        page = browser.get(f"/dead-letters/groups/{group['key']}?limit=3" + (f"&from={start}" if start else "")).json
        found += page["letters"]
        start = page["next"]
        if not start:
            return found


def test_a_line_is_mended_and_stored_like_any_event(pipeline, new_plane):
    browser = new_plane(pipeline).set_up()
    broken = eve.line(1, "dns").replace(b'"proto":"TCP"', b'"proto":TCP')
    eve.append(pipeline.eve, eve.line(0) + broken + eve.line(2))
    group, = groups(browser, 1)
    assert group["service"] == "ecs-transformer" and group["replayable"] == 1 and "…" in group["reason"]
    letter = group["newest"]
    shown = browser.get(f"/dead-letters/{letter['id']}").json
    assert shown["text"].encode() + b"\n" == broken and shown["text"][shown["fault_at"]] == "T"
    assert shown["letter"]["kind"] == "line" and shown["letter"]["offset"] == len(eve.line(0))

    path = f"/dead-letters/{letter['id']}/replay"
    refused = browser.post(path, {"text": shown["text"]})
    assert refused.status == 422 and refused.json["part"] == "/text" and "at byte" in refused.json["detail"]
    pretty = json.dumps(json.loads(eve.line(1, "dns")), indent=2)
    assert browser.post(path, {"text": pretty}).status == 204
    assert browser.post(path, {"text": pretty}).status == 404
    pipeline.until_stored(3)
    assert {eve.number(document) for document in pipeline.documents().values()} == {0, 1, 2}
    assert browser.get("/dead-letters").json["count"] == 0
    # As it is, a line that is no JSON only comes back.
    eve.append(pipeline.eve, broken)
    group, = groups(browser, 1)
    assert browser.post(f"/dead-letters/{group['newest']['id']}/replay", {}).status == 204
    again, = until(lambda: (found := groups(browser, 1))[0]["newest"]["id"] != group["newest"]["id"] and found, "it to come back", 30)
    assert again["key"] == group["key"]


def test_documents_go_back_when_the_index_is_mended_and_are_in_each_store_once(pipeline, new_plane, sink):
    browser = new_plane(pipeline).set_up()
    eve.append(pipeline.eve, b"".join(dns(number, "bad.example" if number % 2 else "good.example") for number in range(EVENTS)))
    group, = groups(browser, EVENTS // 2)
    assert group["field"] == FIELD and group["service"] == "opensearch-shipper"
    assert "bad.example" not in group["reason"] and "bad.example" in group["newest"]["reason"]
    found = letters(browser, group)
    assert len({letter["document"] for letter in found}) == EVENTS // 2
    # One is edited, under the id that it has.
    first = found[0]
    document = json.loads(browser.get(f"/dead-letters/{first['id']}").json["text"])
    document["dns"]["question"]["name"] = "mended.example"
    assert browser.post(f"/dead-letters/{first['id']}/replay", {"text": json.dumps(document)}).status == 204
    until(lambda: sink.documents.get(first["document"]), "the edited one to be stored", 30)
    assert sink.documents[first["document"]]["dns"]["question"]["name"] == "mended.example"
    # The rest goes back as it is, in vain at first.
    request = {"group": group["key"], "through": found[0]["id"]}
    assert browser.post("/dead-letters/replay", request).json == {"done": EVENTS // 2 - 1, "refused": 0, "next": None}
    assert browser.post("/dead-letters/replay", request).json["done"] == 0
    again, = groups(browser, EVENTS // 2 - 1)
    assert again["key"] == group["key"]
    sink.fault = None
    done = browser.post("/dead-letters/replay", {"group": again["key"], "through": again["newest"]["id"]})
    assert done.json["done"] == EVENTS // 2 - 1
    until(lambda: len(sink.documents) == EVENTS, "all to be in OpenSearch", 30)
    pipeline.until_stored(EVENTS)
    assert sink.created == EVENTS and set(sink.documents) == pipeline.stored_ids()
    assert browser.get("/dead-letters").json == {"count": 0, "complete": True, "groups": []}
    assert pipeline.totals("dead")["replayed"] == 2 * (EVENTS // 2 - 1) + 1


def test_who_deletes_letters_is_written_down_and_others_may_not(pipeline, new_plane):
    plane = new_plane(pipeline)
    browser = plane.set_up()
    eve.append(pipeline.eve, b"".join(b"no event %d\n" % number for number in range(3)))
    group, = groups(browser, 3)
    ids = [letter["id"] for letter in letters(browser, group)]
    assert browser.post("/users", {"name": "ben", "role": "analyst", "password": PASSWORD}).status == 201
    other = plane.browser("ben", source="127.0.0.2")
    assert other.get(f"/dead-letters/{ids[0]}").status == 200
    for answer in (other.delete(f"/dead-letters/{ids[0]}"), other.post(f"/dead-letters/{ids[0]}/replay", {}),
                   other.delete(f"/dead-letters?group={group['key']}&through={ids[0]}"),
                   other.post("/dead-letters/replay", {"group": group["key"], "through": ids[0]})):
        assert answer.status == 403
    assert browser.delete(f"/dead-letters/{ids[1]}").status == 204
    assert browser.delete(f"/dead-letters/{ids[1]}").status == 404
    # Through the oldest: the newest stays.
    gone = browser.delete(f"/dead-letters?group={group['key']}&through={ids[2]}")
    assert gone.json == {"done": 1, "refused": 0, "next": None}
    assert [letter["id"] for letter in letters(browser, group)] == ids[:1]
    entries = browser.get("/audit?action=delete+dead+letter").json["entries"]
    assert [(entry["user"], entry["target"], entry["before"], entry["result"]) for entry in entries] == [
        ("ana", ids[1], "no event 1", "done")]
    entry, = browser.get("/audit?action=delete+dead+letters").json["entries"]
    assert entry["target"].startswith("ecs-transformer: ")
    for bad in ("-", "1", "1-1-1", "%2B", "(1-1"):
        assert browser.get(f"/dead-letters/{bad}").status == 400, bad
    assert browser.get("/dead-letters/1-1").status == 404


def test_letters_behind_very_many_others_are_reached(new_stack, new_plane):
    stack = new_stack()
    stack.redis.start()
    browser = new_plane(stack).set_up()
    fields = {"service": "ecs-transformer", "sensor": "s", "source": "", "offset": 0, "attempt": 1, "time": "2026-02-01T12:00:00Z", "size": 1, "bytes": "x"}
    add = stack.redis.client.pipeline(transaction=False)
    dead = f"{stack.name}:dead"
    add.xadd(dead, {"reason": "rare", **fields})
    group, = (add.execute(), groups(browser, 1))[1]
    for _ in range(10_001):
        add.xadd(dead, {"reason": "common", **fields})
    newest = add.execute()[-1].decode()
    through, done, requests = newest, 0, 0
    while through:
        answer = browser.delete(f"/dead-letters?group={group['key']}&through={through}").json
        through, done, requests = answer["next"], done + answer["done"], requests + 1
    assert (done, requests) == (1, 2) and stack.redis.client.xlen(dead) == 10_001


def test_kills_in_the_middle_of_a_replay_lose_and_double_nothing(new_stack, new_plane):
    """Of control-plane and of Redis, both without warning; what Redis forgets of its last second comes back whole."""
    stack = new_stack().start()
    count = 3_000
    stack.transformer.kill()
    plane = new_plane(stack)
    browser = plane.set_up()
    fields = {"reason": "bad at byte 1", "service": "ecs-transformer", "sensor": "s", "source": "/eve.json", "attempt": 1,
              "time": "2026-02-01T12:00:00Z"}
    pipe = stack.redis.client.pipeline()
    for number in range(count):
        line = eve.line(number).rstrip()
        pipe.xadd(stack.key("dead"), {**fields, "offset": number, "size": len(line), "bytes": line})
    pipe.execute()
    group, = groups(browser, count)
    through = group["newest"]["id"]

    def left():
        return stack.redis.client.xlen(stack.key("dead"))

    def ask():
        try:
            browser.post("/dead-letters/replay", {"group": group["key"], "through": through})
        except OSError:
            pass  # killed meanwhile

    for victim in (plane, stack.redis):
        before = left()
        thread = threading.Thread(target=ask)
        thread.start()
        until(lambda: left() < before - 20, "some to be back", 30, every=0.001)
        victim.kill()
        thread.join()
        victim.start()
        plane.until_ready()
        assert 0 < left() < before
        assert left() + stack.redis.client.xlen(stack.key("raw")) == count
    stack.transformer.start()

    def all_back():
        browser.post("/dead-letters/replay", {"group": group["key"], "through": through})
        return left() == 0

    until(all_back, "all to be back", 60)
    stack.until_stored(count)
    assert {eve.number(document) for document in stack.documents().values()} == set(range(count))


def test_without_redis_one_is_told_so_and_the_rest_goes_on(new_stack, new_plane):
    stack = new_stack()
    plane = new_plane(stack)
    browser = plane.set_up()
    answer = browser.get("/dead-letters")
    assert answer.status == 503 and answer.json["detail"].startswith("Redis does not answer.")
    assert plane.ready and browser.get("/events").status == 200
    part = next(part for name, part in plane.readiness["parts"].items() if name == "redis")
    assert part["ready"] and part["warning"]
    stack.redis.start()
    until(lambda: browser.get("/dead-letters").status == 200, "Redis to be found", 20)


def test_the_user_of_the_access_list_may_do_all_of_it(tmp_path, new_plane):
    (tmp_path / "redis").mkdir()
    redis = RedisServer(tmp_path / "redis", aclfile=users_file(tmp_path / "redis"))
    redis.client.connection_pool.connection_kwargs.update(username="admin", password="admin")
    redis.start()
    stack = Stack(redis=redis)
    try:
        plane = new_plane(stack, sections={"redis": {
            "host": "127.0.0.1", "port": redis.port, "username": "control-plane", "password": "control-plane"}})
        browser = plane.set_up()
        line = eve.line(1).rstrip()
        for number in range(3):
            redis.client.xadd("ids:dead", {"reason": f"bad at byte {number}", "service": "ecs-transformer", "sensor": "s", "source": "",
                                           "offset": 0, "attempt": 1, "time": "2026-02-01T12:00:00Z", "size": len(line), "bytes": line})
        group, = groups(browser, 3)
        ids = [letter["id"] for letter in letters(browser, group)]
        assert browser.post(f"/dead-letters/{ids[0]}/replay", {}).status == 204
        assert browser.delete(f"/dead-letters/{ids[1]}").status == 204
        assert browser.post("/dead-letters/replay", {"group": group["key"], "through": ids[2]}).json["done"] == 1
        assert redis.client.xlen("ids:raw") == 2 and redis.client.xlen("ids:dead") == 0
        assert redis.client.hgetall("ids:totals:dead") == {b"replayed": b"2", b"deleted": b"1"}
        assert plane.log.count("notAllowed") == 0
    finally:
        stack.close()
        redis.kill()


# The page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_letter_is_mended_in_the_page(browser, pipeline, new_plane, pages, sink, theme):
    playwright()
    plane = new_plane(pipeline, tls="off", pages_dir=str(pages))
    api = plane.set_up()
    eve.append(pipeline.eve, b"".join(dns(number, "bad" + HOSTILE) for number in range(4)) + dns(5, "good.example"))
    eve.append(pipeline.eve, eve.line(4).replace(b"192.168", b"192.\\168") + b"no event at all " + HOSTILE.encode() + b"\n")
    groups(api, 6)
    shown = {}
    for size in ("phone", "desktop"):
        visitor = shown[size] = Visitor(browser, plane.origin, theme=theme, size=size)
        page = visitor.log_in("ana", PASSWORD)

        def look(name):
            page.wait_for_load_state("networkidle")
            visitor.shoot(name)
            assert visitor.faults() == []
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name

        visitor.visit(HOME)
        page.get_by_role("link", name="failed to parse field").wait_for()
        look("dead-letters")
        page.get_by_role("link", name="failed to parse field").click()
        page.get_by_role("button", name="Replay all").wait_for()
        look("dead-letter-group")
        page.locator("tbody a").first.click()
        page.get_by_role("heading", name="The document").wait_for()
        marked = page.locator("mark.refused")
        assert marked.count() == 1 and "bad<img" in marked.inner_text()
        look("dead-letter")
        page.get_by_role("button", name="Edit").click()
        look("dead-letter-editor")
        page.get_by_role("button", name="Cancel").click()
    editor = page.get_by_label("Text of the letter")
    page.keyboard.press("i")
    editor.fill("{ no")
    assert page.get_by_role("button", name="Replay this text").is_disabled()
    page.get_by_role("button", name="Cancel").click()
    page.keyboard.press("i")
    mended = editor.input_value().replace(json.dumps("bad" + HOSTILE)[1:-1], "mended.example")
    assert "mended.example" in mended and HOSTILE not in mended
    editor.fill(mended)
    editor.press("Control+Enter")
    page.get_by_text("Back in the pipeline.").wait_for()
    until(lambda: len(sink.documents) == 2, "the mended one to be stored", 30)
    page.get_by_role("button", name="Replay all").click()
    page.get_by_text("3 back in the pipeline").wait_for()
    until(lambda: api.get("/dead-letters").json["count"] == 5, "them to be refused again", 30)
    page.goto(plane.origin + HOME)
    page.get_by_role("link", name="escape").click()
    page.locator("tbody a").first.click()
    mark = page.locator("mark")
    mark.wait_for()
    assert page.title() != "owned" and mark.inner_text() in "\\1"
    page.keyboard.press("e")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("None is left for this reason.").wait_for()
    for visitor in shown.values():
        visitor.close()
        assert visitor.complaints == []

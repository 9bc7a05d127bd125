import subprocess

import pytest

from support import opensearch as opensearch_module
from support.bulk_sink import BulkSink
from support.opensearch import OpenSearch
from support.pages import CHROMIUM, playwright
from support.processes import REPOSITORY, redis_executable
from support.stack import Stack, missing_binaries


@pytest.fixture(scope="session", autouse=True)
def built():
    missing = missing_binaries()
    if missing:
        pytest.exit(f"not built: {', '.join(missing)} (make build, or IDS_BIN_DIR)", returncode=2)
    if not redis_executable():
        pytest.exit("no redis-server and no redis-check-rdb on the PATH (Debian: redis-tools)", returncode=2)


@pytest.fixture
def new_stack(request):
    """Makes stacks that are closed at the end of the test, with their logs in the report when it fails."""
    made = []
    request.node.stacks = made

    def make(*arguments, **options):
        made.append(Stack(*arguments, **options))
        return made[-1]

    yield make
    for stack in reversed(made):  # one may use the Redis of another that was made before it
        stack.close()


@pytest.fixture
def stack(new_stack):
    """A stack with the SQLite store as its only sink, not started."""
    return new_stack()


@pytest.fixture
def sink():
    """A running bulk endpoint that can be told to misbehave."""
    sink = BulkSink().start()
    yield sink
    sink.stop()


def running_opensearch(**options):
    reason = opensearch_module.why_absent()
    if reason:
        pytest.skip(reason)
    node = OpenSearch(**options)
    try:
        yield node.start()
    finally:
        node.close()


@pytest.fixture(scope="session")
def opensearch():
    """One real OpenSearch for all tests that need nothing special of it."""
    yield from running_opensearch()


@pytest.fixture(scope="module")
def narrow_opensearch():
    """A real OpenSearch that refuses requests over 1 MiB, and has room for little more than one of those at a time."""
    yield from running_opensearch(options=(
        "http.max_content_length=1mb", "thread_pool.write.size=1", "thread_pool.write.queue_size=1",
        "indexing_pressure.memory.limit=1200kb"))


@pytest.fixture(scope="module")
def secure_opensearch():
    """A real OpenSearch with TLS by its own CA, users and roles."""
    yield from running_opensearch(secure=True)


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium."""
    with playwright().sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The folder of control-plane's pages, with libraries."""
    folder = tmp_path_factory.mktemp("pages") / "pages"
    made = subprocess.run([REPOSITORY / "scripts/pages", folder], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(made.stderr.strip())
    return folder


def pytest_configure(config):
    config.addinivalue_line("markers", "runs_first: begins what takes minutes, before all other tests")
    config.addinivalue_line("markers", "runs_last: looks at what a test that runs first has begun")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: 1 if item.get_closest_marker("runs_last") else
               -1 if item.get_closest_marker("runs_first") else 0)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for number, stack in enumerate(getattr(item, "stacks", [])):
            for name, log in stack.logs().items():
                report.sections.append((f"stack {number}: {name}.log", log))
            report.sections.append((f"stack {number}: config.yaml", stack.config.read_text()))


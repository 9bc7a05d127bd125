import asyncio
import threading

import pytest

from support import engine, opensearch as opensearch_module
from support.engine import Composition
from support.images import build

reason = engine.why_absent()


def pytest_collection_modifyitems(items):
    if reason:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def built():
    """Nothing here needs the programs of build/bin."""


@pytest.fixture(scope="session")
def images():
    """The images of all services for this machine, built from the sources."""
    native = engine.run("docker", "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}").strip()
    return build(native, engine.VERSION)


@pytest.fixture(scope="module")
def new_composition(images, request):
    """Makes compositions that are removed at the end of the module."""
    made = []
    request.module.compositions = made

    def make(*arguments, **options):
        made.append(Composition(*arguments, **options))
        return made[-1]

    yield make
    for composition in made:
        composition.close()


class Relay:
    """Forwards TCP from an address that containers reach to a port of the loopback."""

    def __init__(self, address, target_port):
        self._loop = asyncio.new_event_loop()
        self._target_port = target_port
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, address, 0))
        self.port = server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def _serve(self, reader, writer):
        try:
            inward = await asyncio.open_connection("127.0.0.1", self._target_port)
        except ConnectionError:
            return writer.close()
        await asyncio.gather(self._copy(reader, inward[1]), self._copy(inward[0], writer))

    @staticmethod
    async def _copy(reader, writer):
        try:
            while block := await reader.read(65536):
                writer.write(block)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()

    def stop(self):
        asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @staticmethod
    async def _cancel_all():
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture(scope="module")
def reachable():
    """Makes ports of the loopback reachable from containers that have `host.docker.internal`: gives host and port."""
    gateway = engine.run(
        "docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}").strip()
    relays = []

    def make(port):
        relays.append(Relay(gateway, port))
        return f"host.docker.internal:{relays[-1].port}"

    yield make
    for relay in relays:
        relay.stop()


@pytest.fixture(scope="module")
def reachable_opensearch(reachable):
    """A real OpenSearch and the URL under which containers reach it; None without one."""
    if opensearch_module.why_absent():
        yield None
        return
    node = opensearch_module.OpenSearch()
    try:
        node.start()
        yield node, f"http://{reachable(node.port)}"
    finally:
        node.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for composition in getattr(item.module, "compositions", []):
            report.sections.append((composition.name, composition.logs()))

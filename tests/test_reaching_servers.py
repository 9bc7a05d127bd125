"""How Redis and OpenSearch are reached: by a proxy, with a scheme that does not fit, on a server that does not suit."""

import subprocess

import pytest

from support.forward_proxy import EmptyStore, ForwardProxy
from support.processes import BINARIES, clean_environment, free_port
from support.waiting import until

SECRET = "hunter2"


def plan(endpoint, *settings, **environment):
    """Status and output of a set-up that changes nothing."""
    words = [word for setting in (f"opensearch.endpoint={endpoint}", *settings) for word in ("--set", setting)]
    done = subprocess.run(
        [BINARIES / "opensearch-shipper", "setup", "--dry-run", *words], capture_output=True, text=True, timeout=30,
        env={**clean_environment(), **environment}, check=False)
    output = done.stdout + done.stderr
    assert SECRET not in output
    return done.returncode, output


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with EmptyStore(tmp_path_factory.mktemp("store")) as store:
        yield store


@pytest.fixture
def proxy():
    with ForwardProxy("user", SECRET) as proxy:
        yield proxy


# Proxies

@pytest.mark.parametrize("variable", ["OPENSEARCH_PROXY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_environment_names_a_proxy(store, proxy, variable):
    status, output = plan(f"https://127.0.0.1:{store.port}", f"opensearch.ca_file={store.certificate}",
                          **{variable: f"http://user:{SECRET}@127.0.0.1:{proxy.port}"})
    assert status == 0 and "create" in output, output
    assert set(proxy.requests) == {f"CONNECT 127.0.0.1:{store.port} HTTP/1.1"}


@pytest.mark.parametrize("exception", [
    {"NO_PROXY": "127.0.0.1"}, {"no_proxy": "localhost,127.0.0.1"}, {"OPENSEARCH_NO_PROXY": "*"}], ids=str)
def test_hosts_without_the_proxy(store, proxy, exception):
    status, output = plan(f"https://127.0.0.1:{store.port}", f"opensearch.ca_file={store.certificate}",
                          HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}", **exception)
    assert status == 0, output
    assert proxy.requests == []


def test_variables_that_are_not_meant(store, proxy):
    """HTTP_PROXY is what any client can set for a script of a web server; http_proxy is for http alone."""
    url = f"http://user:{SECRET}@127.0.0.1:{proxy.port}"
    settings = f"https://127.0.0.1:{store.port}", f"opensearch.ca_file={store.certificate}"
    assert plan(*settings, http_proxy=url, HTTP_PROXY=url)[0] == 0
    with EmptyStore() as plain:
        assert plan(f"http://127.0.0.1:{plain.port}", HTTP_PROXY=url, HTTPS_PROXY=url)[0] == 0
    assert proxy.requests == []


def test_a_proxy_that_refuses_or_is_away(store, proxy):
    settings = f"https://127.0.0.1:{store.port}", f"opensearch.ca_file={store.certificate}"
    status, output = plan(*settings, HTTPS_PROXY=f"http://user:{SECRET}x@127.0.0.1:{proxy.port}")
    assert status == 1 and "the proxy refuses with status 407" in output and "password" in output, output
    status, output = plan(*settings, HTTPS_PROXY=f"http://user:{SECRET}@127.0.0.1:1")
    assert status == 1 and "127.0.0.1" in output, output


# Schemes

def test_the_wrong_scheme_for_opensearch(store):
    with EmptyStore() as plain:
        status, output = plan(f"https://127.0.0.1:{plain.port}")
    assert status == 1 and "answers without TLS: use http://" in output, output
    status, output = plan(f"http://127.0.0.1:{store.port}")
    assert status == 1 and "use https://" in output, output


def test_tls_for_a_redis_without_it(stack):
    # The remedy is known long before the time for a connection is over.
    stack.write_config(redis__tls=True, redis__connect_timeout_ms=60_000)
    stack.redis.start()
    stack.transformer.start()
    until(lambda: "answers without TLS: use redis://" in stack.transformer.log, "the remedy", 30)
    until(lambda: "redis.tls" in stack.transformer.readiness["parts"]["redis"]["reason"], "the setting in /readyz")


# Servers

def test_a_redis_that_may_evict(new_stack):
    stack = new_stack(redis_options={"maxmemory-policy": "allkeys-lru"})
    stack.start()
    for service in stack.services:
        assert "maxmemory-policy is allkeys-lru" in service.readiness["parts"]["redis"]["warning"]
        assert service.log.count("maxmemory-policy is allkeys-lru") == 1


def test_redis_cluster_is_refused_once(new_stack):
    # The bus of a cluster would be 10,000 ports further, where there may be none.
    stack = new_stack(
        redis_options={"cluster-enabled": "yes", "cluster-port": free_port()}, settings={"redis.backoff_max_ms": 20})
    stack.redis.start()
    stack.transformer.start()
    until(lambda: stack.transformer.metrics()['ids_ecs_transformer_redis_faults_total{code="cluster"}'] >= 3, "three attempts")
    assert stack.transformer.log.count("Redis Cluster is not supported: use one primary") == 1
    assert "Redis Cluster" in stack.transformer.readiness["parts"]["redis"]["reason"]

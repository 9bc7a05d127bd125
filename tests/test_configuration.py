"""Wrong configuration of each kind ends with status 2 and says what is wrong, where, and what is allowed."""

import json
import os
import subprocess

import pytest

from support.processes import BINARIES, REPOSITORY, clean_environment
from support.stack import SERVICES


def check(name, config, *arguments, environment=None, command="check-config"):
    return subprocess.run(
        [BINARIES / name, command, *(["--config", config] if config else []), *arguments],
        capture_output=True, text=True, timeout=20, env={**clean_environment(), **(environment or {})})


@pytest.fixture
def config(tmp_path):
    def write(text):
        path = tmp_path / "config.yaml"
        path.write_text(text)
        return path
    return write


@pytest.mark.parametrize("name", SERVICES)
def test_the_defaults_are_valid(name):
    done = check(name, None)
    assert done.returncode == 0, done.stderr
    assert "redis.port" in done.stdout and "6379" in done.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_the_example_is_valid_and_every_key_known(name):
    example = REPOSITORY / "config.example.yaml"
    if not example.exists():
        pytest.skip("no config.example.yaml yet")
    done = check(name, example)
    assert done.returncode == 0, done.stderr


def test_a_path_that_cannot_be_followed_is_named(tmp_path):
    fifo = tmp_path / "eve\u202e.json"
    os.mkfifo(fifo)
    done = check("eve-reader", None, "--eve", fifo)
    assert done.returncode == 2 and "eve\\u202e.json is not a regular file" in done.stderr
    for command in ("check-config", "run"):
        done = check("eve-reader", None, "--eve", tmp_path / "eve.json.gz", command=command)
        assert done.returncode == 2 and "eve_reader.path" in done.stderr
        assert "eve.json.gz is compressed: unpack it first" in done.stderr
    assert check("eve-reader", None, "--eve", tmp_path).returncode == 0
    assert check("eve-reader", None, "--eve", tmp_path / "later.json").returncode == 0


@pytest.mark.parametrize("text, words", [
    ("redis:\n  port: seventy\n", ["redis.port", "seventy", "65535"]),
    ("redis:\n  port: 70000\n", ["redis.port", "70000", "65535"]),
    ("redis:\n  port: -1\n", ["redis.port", "-1"]),
    ("redis:\n  prot: 6379\n", ["redis.prot", "redis.port"]),
    ("redsi:\n  port: 6379\n", ["redsi", "redis"]),
    ("log:\n  level: loud\n", ["log.level", "loud", "debug", "info", "warning", "error"]),
    ("log:\n  format: xml\n", ["log.format", "xml", "text", "json"]),
    ("opensearch:\n  endpoint: not an address\n", ["opensearch.endpoint", "not an address"]),
    ("opensearch:\n  gzip: perhaps\n", ["opensearch.gzip", "perhaps", "true", "false"]),
    ("opensearch:\n  endpoint: ftp://example.org\n", ["opensearch.endpoint", "ftp"]),
    ("opensearch_shipper:\n  sink: kafka\n", ["opensearch_shipper.sink", "kafka", "opensearch", "sqlite"]),
    ("eve_reader:\n  batch_bytes: 0\n", ["eve_reader.batch_bytes", "0"]),
    ("redis: [1, 2]\n", ["redis"]),
    ("redis:\n  port: [1]\n", ["redis.port"]),
    ("redis:\n  port: 1\n  port: 2\n", ["redis.port"]),
    ("redis:\n port: 1\n   host: x\n", ["config.yaml"]),
    ("- a\n- b\n", ["config.yaml"]),
    ("redis:\n  port: \"63\x0179\"\n", ["config.yaml"]),
], ids=lambda value: value.replace("\n", "|") if isinstance(value, str) else "")
def test_a_wrong_file(config, text, words):
    done = check("opensearch-shipper" if "opensearch" in text else "eve-reader", config(text))
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    for word in words:
        assert word in done.stderr, f"{word!r} is missing in: {done.stderr}"


def test_run_with_a_wrong_file_ends_the_same_way(config):
    done = check("ecs-transformer", config("redis:\n  port: seventy\n"), command="run")
    assert done.returncode == 2
    assert "redis.port" in done.stderr and "seventy" in done.stderr


def test_all_mistakes_are_told_at_once(config):
    done = check("eve-reader", config("redis:\n  port: x\n  nonsense: 1\nlog:\n  level: loud\n"))
    assert done.returncode == 2
    assert all(word in done.stderr for word in ("redis.port", "redis.nonsense", "log.level"))


def test_a_missing_file():
    done = check("eve-reader", "/nonexistent/config.yaml")
    assert done.returncode == 2
    assert "/nonexistent/config.yaml" in done.stderr


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--set"], ["--set", "redis.port"], ["--set", "redis.nope=1"],
                                       ["--config"], ["dance"]], ids=" ".join)
def test_a_wrong_command_line(arguments):
    done = check("eve-reader", None, *arguments)
    assert done.returncode == 2
    assert done.stderr.strip()


def test_a_wrong_environment_is_named():
    done = check("eve-reader", None, environment={"REDIS_PORT": "many"})
    assert done.returncode == 2
    assert "REDIS_PORT" in done.stderr and "many" in done.stderr


def test_a_secret_file_that_is_missing_is_named():
    done = check("eve-reader", None, environment={"REDIS_PASSWORD_FILE": "/nonexistent/password"})
    assert done.returncode == 2
    assert "/nonexistent/password" in done.stderr


def test_precedence_is_flag_environment_file_default(config):
    file = config("redis:\n  port: 1111\n  host: from-file\n")

    def port(*arguments, **environment):
        done = check("eve-reader", file, *arguments, environment=environment)
        assert done.returncode == 0, done.stderr
        line, = [line for line in done.stdout.splitlines() if line.strip().startswith("redis.port")]
        return line

    assert "1111" in port()
    assert "2222" in port(REDIS_PORT="2222")
    assert "3333" in port("--set", "redis.port=3333", REDIS_PORT="2222")


def test_secrets_are_masked_and_origins_are_told(config, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    done = check("opensearch-shipper", config("opensearch:\n  username: fish\n  password: swordfish\n"),
                 environment={"REDIS_PASSWORD_FILE": str(secret), "LOG_LEVEL": "debug"})
    assert done.returncode == 0, done.stderr
    assert "hunter2" not in done.stdout + done.stderr and "swordfish" not in done.stdout + done.stderr
    assert "LOG_LEVEL" in done.stdout, "the origin of log.level"
    assert "config.yaml" in done.stdout, "the origin of opensearch.password"


@pytest.mark.parametrize("name", SERVICES)
def test_version_and_help(name):
    version = check(name, None, command="--version")
    assert version.returncode == 0 and any(character.isdigit() for character in version.stdout)
    usage = check(name, None, command="--help")
    assert usage.returncode == 0
    assert all(word in usage.stdout for word in ("run", "check-config", "healthcheck", "--config"))


def test_json_logs_are_json(stack):
    stack.write_config(log__format="json")
    stack.start()
    for service in stack.services:
        service.terminate()
        lines = service.log.splitlines()
        assert lines
        for line in lines:
            assert json.loads(line)

"""aws-provisioner killed at many moments of its work: never two domains, always the same end.

APPLY_KILLS says at how many; 200 take some minutes."""

import itertools
import json
import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import aws
from support.provisioner import Account, Provisioner

KILLS = int(os.environ.get("APPLY_KILLS", 60))
KILLS_EACH_MAX = 5
SEED = 20261128


@pytest.fixture
def account(tmp_path, opensearch):
    aws.sdk()
    account = Account(tmp_path, opensearch, stage_seconds=0.02)
    yield account
    account.close()


class Killer:
    """Kills the program of a key when a request of it comes in, or has done its work, or some time after that."""

    def __init__(self, cloud):
        self._targets = {}
        cloud.when_asked = self._seen

    def aim(self, key, at_request, delay_seconds, process):
        self._targets[key] = [at_request, delay_seconds, process]

    def _seen(self, key):
        if target := self._targets.get(key):
            target[0] -= 1
            if target[0] == 0:
                if target[1]:
                    threading.Timer(target[1], target[2].child.kill).start()
                else:
                    target[2].child.kill()


def end_of(provisioner):
    """What is there when it is done, without what may differ from one installation to another."""
    domain = provisioner.domain
    options = json.dumps(domain.options).replace(provisioner.key, "KEY").replace(provisioner.name, "NAME")
    return (json.loads(options), domain.tags, {**provisioner.endpoint, "domain": "NAME"},
            sorted(path.relative_to(provisioner.folder).as_posix() for path in provisioner.state.rglob("*")))


def test_killed_at_any_moment_it_never_makes_a_second_domain_and_always_comes_to_the_same_end(account, opensearch):
    whole = Provisioner(account, "AKIA-WHOLE", aws__domain_name="whole")
    seen = []
    account.cloud.when_asked = seen.append
    whole.applied()
    wanted, moments = end_of(whole), len(seen)
    killer, numbers, kills = Killer(account.cloud), itertools.count(), []

    def kill_and_finish(number):
        chance = random.Random(SEED + number)
        provisioner = Provisioner(account, f"AKIA-{number}", aws__domain_name=f"kill-{number}")
        for _ in range(KILLS_EACH_MAX):
            process = provisioner.start("apply", "--yes")
            # Half of them at once, when the request comes or has done its work, the rest some time later.
            at_request, delay_seconds = chance.randint(1, moments), chance.choice([0, chance.uniform(0, 0.1)])
            killer.aim(provisioner.key, at_request, delay_seconds, process)
            if process.wait(30) == 0:
                break
            assert process.child.returncode == -signal.SIGKILL, process.log
            kills.append((number, at_request, delay_seconds))
        killer.aim(provisioner.key, 0, 0, None)
        provisioner.applied()
        assert provisioner.made() == 1, number
        assert len([request for request in provisioner.requests("CreateDomain") if not request.took_effect]) == 0, number
        assert end_of(provisioner) == wanted, number
        assert opensearch.count(provisioner.settings["opensearch.index_prefix"]) == 0, number

    def work():
        while len(kills) < KILLS:
            kill_and_finish(next(numbers))

    with ThreadPoolExecutor(3) as pool:
        for worker in [pool.submit(work) for _ in range(3)]:
            worker.result()
    assert len(kills) >= KILLS and len({at_request for _, at_request, _ in kills}) > moments / 3

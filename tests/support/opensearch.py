"""A real OpenSearch: started from a folder with `start` and `stop`, asked over HTTP, gone with the tests."""

import base64
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from .processes import REPOSITORY, Cleanup, free_port
from .waiting import until

HOME = Path(os.environ.get("OPENSEARCH_HOME", REPOSITORY / "../shared/opensearch")).resolve()


def why_absent():
    """The reason why no OpenSearch can be started here; None when one can."""
    if not (HOME / "start").exists():
        return f"no OpenSearch in {HOME} (OPENSEARCH_HOME names another folder)"
    if not shutil.which("java"):
        return "OpenSearch needs a Java runtime: openjdk-17-jre-headless"
    return None


class OpenSearch:
    """One node on the loopback. `options` go to OpenSearch as `-Ekey=value`."""

    def __init__(self, secure=False, options=()):
        self.secure = secure
        self.options = options
        self.port = free_port(span=100)
        self.directory = Path(tempfile.mkdtemp(prefix="ids-opensearch-"))
        self.directory.chmod(0o755)
        self._guard = None

    @property
    def url(self):
        return f"{'https' if self.secure else 'http'}://localhost:{self.port}"

    @property
    def ca_file(self):
        return self.directory / "config/ca.pem"

    def start(self):
        arguments = [HOME / "start", "-p", str(self.port), "-d", str(self.directory), *(["-s"] if self.secure else [])]
        if self.options:
            arguments += ["--", *(f"-E{option}" for option in self.options)]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, f"OpenSearch did not start:\n{done.stderr}"
        if self._guard is None:
            self._guard = Cleanup('kill -9 "$(cat "$0/pid")" 2>/dev/null; sleep 0.3; rm -rf "$0"', self.directory)
        return self

    def kill(self):
        pid = int((self.directory / "pid").read_text())
        os.kill(pid, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{pid}").exists(), "OpenSearch to be gone")
        (self.directory / "pid").unlink(missing_ok=True)

    def close(self):
        if self._guard:
            self._guard.run(30)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def request(self, method, path, body=None, user="admin", password="admin"):
        """The JSON answer; raises urllib's HTTPError for a status from 400. `body` is JSON, or bytes as they are."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/{path}", data, headers, method=method)
        context = None
        if self.secure:
            token = base64.b64encode(f"{user}:{password}".encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
            context = ssl.create_default_context(cafile=str(self.ca_file))
        with urllib.request.urlopen(request, timeout=60, context=context) as answer:
            return json.loads(answer.read() or b"{}")

    def bulk(self, lines, **user):
        """A bulk request of these lines, action and document in turn."""
        body = "".join(json.dumps(line) + "\n" for line in lines).encode()
        return self.request("POST", "_bulk?refresh=true", body, **user)

    def count(self, prefix):
        """Documents in the indexes of this prefix, after a refresh."""
        try:
            self.request("POST", f"{prefix}-*/_refresh")
            return self.request("GET", f"{prefix}-*/_count")["count"]
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return 0
            raise

    def documents(self, prefix, source=True):
        """Every document of the indexes of this prefix: id → (index, source)."""
        self.request("POST", f"{prefix}-*/_refresh")
        found = {}
        page = self.request(
            "POST", f"{prefix}-*/_search?scroll=1m", {"size": 5000, "sort": ["_doc"], "_source": source})
        while page["hits"]["hits"]:
            for hit in page["hits"]["hits"]:
                assert hit["_id"] not in found, f"{hit['_id']} is in {hit['_index']} and in {found[hit['_id']][0]}"
                found[hit["_id"]] = (hit["_index"], hit.get("_source"))
            page = self.request("POST", "_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]})
        self.request("DELETE", "_search/scroll", {"scroll_id": page["_scroll_id"]})
        return found

    def policy_of(self, index):
        """The policy that manages this index; the plugin takes a new index under it some time after its creation."""
        def managing():
            return self.request("GET", f"_plugins/_ism/explain/{index}")[index].get("policy_id")
        return until(managing, f"{index} to be managed", seconds=60)

    def clear(self, prefix):
        """Removes the indexes, the templates and the policy of this prefix."""
        name = f"ids-suite-{prefix}"
        for path in (f"{prefix}-*", f"_data_stream/{prefix}", f"_index_template/{name}",
                     f"_index_template/{name}-stream", f"_component_template/{name}-*",
                     f"_plugins/_ism/policies/{name}", f"_plugins/_ism/policies/{name}-stream"):
            try:
                self.request("DELETE", path)
            except urllib.error.HTTPError:
                pass


# Of each user that `give` makes.
USER_PASSWORD = "Long-enough-9-for-tests"


def documented_role(heading):
    """The role that docs/opensearch.md has under this heading, for the prefix `suricata`."""
    text = (REPOSITORY / "docs/opensearch.md").read_text()
    block = re.search(rf"^### {heading}$.*?```json\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    return json.loads(block.group(1))


def give(node, user, role, prefix):
    """Makes `user` have this role and no other, for indexes of this prefix."""
    role = json.loads(json.dumps(role).replace("suricata", prefix))
    node.request("PUT", f"_plugins/_security/api/roles/{user}", role)
    node.request("PUT", f"_plugins/_security/api/internalusers/{user}", {"password": USER_PASSWORD})
    node.request("PUT", f"_plugins/_security/api/rolesmapping/{user}", {"users": [user]})

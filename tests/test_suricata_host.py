"""The files of suricata-host/ with a real Suricata, logrotate and tmpfs."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from support.marks import needs_root
from support.processes import REPOSITORY

HOST = REPOSITORY / "suricata-host"
LOGROTATE = Path("/usr/sbin/logrotate")


@pytest.fixture(scope="module")
def suricata():
    """The program and Debian's own configuration for it."""
    found = subprocess.run(["bash", "-c", ". scripts/lib/suricata.sh && suricata_obtain"], cwd=REPOSITORY,
                           capture_output=True, text=True)
    if found.returncode:
        pytest.skip(f"no Suricata: {found.stderr.strip().splitlines()[-1]}")
    program = Path(found.stdout.strip())
    for folder in (program.parent / "root/etc/suricata", Path("/etc/suricata")):
        if (folder / "suricata.yaml").exists():
            return program, folder
    pytest.skip("this Suricata did not come with Debian's suricata.yaml")


def run_suricata(suricata, folder, *arguments):
    """Runs it as the drop-in does, with the RAM disk in `folder`."""
    program, debian = suricata
    fragment = folder / "ids-suite.yaml"
    fragment.write_text((HOST / "ids-suite.yaml").read_text().replace("/mnt/ram_logs", str(folder)))
    settings = [f"--set={name}-file={debian / name}.config" for name in ("classification", "threshold")]
    return subprocess.run(
        [program, "-c", debian / "suricata.yaml", "--include", fragment, "-l", folder, "-S", os.devnull, *settings,
         f"--set=reference-config-file={debian / 'reference.config'}", *arguments], capture_output=True, text=True)


def test_suricata_takes_the_configuration(suricata, tmp_path):
    done = run_suricata(suricata, tmp_path, "-T")
    said = done.stdout + done.stderr
    assert done.returncode == 0 and "Error" not in said, said


def test_events_are_what_the_pipeline_wants(suricata, tmp_path):
    for capture in ("web", "names", "things"):
        done = run_suricata(suricata, tmp_path, "-r", REPOSITORY / f"fixtures/captures/{capture}.pcap")
        assert done.returncode == 0, done.stdout + done.stderr
    # Debian's other outputs are off: only what Suricata says about itself lies beside the events.
    assert {path.name for path in tmp_path.iterdir()} == {"eve.json", "ids-suite.yaml", "suricata.log"}
    assert (tmp_path / "eve.json").stat().st_mode & 0o777 == 0o640
    events = [json.loads(line) for line in (tmp_path / "eve.json").read_text().splitlines()]
    assert {"dns", "http", "tls", "flow", "fileinfo", "stats"} <= {event["event_type"] for event in events}
    assert all("community_id" in event for event in events if event["event_type"] in ("dns", "http", "tls", "flow"))
    stats = next(event["stats"] for event in events if event["event_type"] == "stats")
    assert stats["decoder"]["pkts"] > 0


@needs_root
def test_the_group_of_the_containers_may_read_the_ram_disk(tmp_path):
    options = next(line.partition("=")[2] for line in (HOST / "mnt-ram_logs.mount").read_text().splitlines()
                   if line.startswith("Options="))
    assert f"tmpfs /mnt/ram_logs tmpfs {options} 0 0" in (HOST / "README.md").read_text()
    tmp_path.chmod(0o755)
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=True)
    try:
        subprocess.run(["sh", "-c", "umask 027; echo '{}' >eve.json"], cwd=disk, check=True)

        def reads(group):
            command = ["setpriv", "--reuid", "10001", "--regid", group, "--clear-groups", "head", "-c", "1", "eve.json"]
            return subprocess.run(command, cwd=disk, capture_output=True).returncode == 0

        assert reads("10001") and not reads("10002")
        assert (disk / "eve.json").stat().st_gid == 10001
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.skipif(not LOGROTATE.exists(), reason="no logrotate (Debian: logrotate)")
def test_rotation_renames_and_tells_suricata(tmp_path):
    # Under nohup this process, and so its children, would ignore the signal.
    writer = subprocess.Popen(["env", "--default-signal=HUP", "sleep", "60"])
    try:
        (tmp_path / "suricata.pid").write_text(f"{writer.pid}\n")
        text = (HOST / "logrotate.conf").read_text()
        text = text.replace("/run/suricata.pid", str(tmp_path / "suricata.pid")).replace("/mnt/ram_logs", str(tmp_path))
        configuration = tmp_path / "logrotate.conf"
        configuration.write_text(text.replace("size 128M", "size 1k"))
        configuration.chmod(0o644)
        tmp_path.chmod(0o750)

        def rotate():
            subprocess.run([LOGROTATE, "--state", tmp_path / "state", configuration], check=True)
            return sorted(path.name for path in tmp_path.glob("eve.json*"))

        (tmp_path / "eve.json").write_text("x" * 500)
        assert rotate() == ["eve.json"] and writer.poll() is None  # too small
        (tmp_path / "eve.json").write_text("x" * 2000)
        assert rotate() == ["eve.json.1"]
        assert writer.wait(10) == -signal.SIGHUP
    finally:
        writer.kill()
        writer.wait()


def test_installing_and_removing(tmp_path):
    def install(*arguments):
        subprocess.run([HOST / "install", *arguments], env={**os.environ, "ROOT": str(tmp_path)}, check=True,
                       capture_output=True)
        return sorted(path.name for path in tmp_path.rglob("*") if path.is_file())

    sources = {path.name for path in HOST.iterdir()} - {"README.md", "install"}
    installed = install()
    assert len(installed) == len(sources) == 6
    assert (tmp_path / "etc/systemd/system/suricata.service.d/ids-suite.conf").exists()
    assert install("--remove") == []

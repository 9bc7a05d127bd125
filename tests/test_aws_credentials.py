"""Credentials of the module AWS: the same choice as AWS' own SDK makes, from each source, and renewed before they end."""

import hashlib
import json
import os
import subprocess
import time
from unittest import mock

import pytest

from support import aws
from support.waiting import until

CONFIG = """\
[default]
region = eu-central-1

[profile keys-in-config]
aws_access_key_id = AKIA-CONFIG
aws_secret_access_key = config=with;odd#characters
[profile both]
aws_access_key_id = AKIA-NEVER
aws_secret_access_key = never
credential_process = {folder}/process first
[profile process]
credential_process = "{folder}/process" 'with space'
aws_access_key_id = AKIA-NEVER
aws_secret_access_key = never
[profile process-fails]
credential_process = {folder}/process fails
[profile process-prints-nothing]
credential_process = true
[profile role]
role_arn = arn:aws:iam::123456789012:role/path/first
source_profile = moi33
aws_access_key_id = AKIA-NEVER
aws_secret_access_key = never
[profile chain]
role_arn = arn:aws:iam::123456789012:role/second
role_session_name = pi
external_id = a&b
duration_seconds = 900
source_profile = role-by-process
[profile role-by-process]
role_arn = arn:aws:iam::123456789012:role/third
source_profile = process
[profile role-by-itself]
role_arn = arn:aws:iam::123456789012:role/fourth
source_profile = role-by-itself
aws_access_key_id = AKIA-CONFIG
aws_secret_access_key = config=with;odd#characters
[profile circle]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = circle-2
[profile circle-2]
role_arn = arn:aws:iam::123456789012:role/b
source_profile = circle
[profile role-by-instance]
role_arn = arn:aws:iam::123456789012:role/fifth
credential_source = Ec2InstanceMetadata
[profile role-by-environment]
role_arn = arn:aws:iam::123456789012:role/sixth
credential_source = Environment
[profile role-by-container]
role_arn = arn:aws:iam::123456789012:role/seventh
credential_source = EcsContainer
[profile role-by-nothing]
role_arn = arn:aws:iam::123456789012:role/eighth
[profile role-by-stranger]
role_arn = arn:aws:iam::123456789012:role/ninth
source_profile = stranger
[profile web]
role_arn = arn:aws:iam::123456789012:role/web
web_identity_token_file = {folder}/web-token
[profile sso]
sso_session = company
sso_account_id = 123456789012
sso_role_name = Reader
[profile sso-ended]
sso_session = ended
sso_account_id = 123456789012
sso_role_name = Reader
[profile "with space"]
aws_access_key_id = AKIA-SPACE
aws_secret_access_key = s
services = local
[sso-session company]
sso_region = eu-central-1
sso_start_url = https://company.awsapps.com/start
[sso-session ended]
sso_region = eu-central-1
sso_start_url = https://ended.awsapps.com/start
[services local]
s3 =
  endpoint_url = http://localhost:1
  addressing_style = path
[unknown section]
aws_access_key_id = AKIA-NEVER
"""
CREDENTIALS = """\
# Comments, and what is indented
[moi33]
aws_access_key_id = AKIA-MOI33
aws_secret_access_key = moi33 ; is part of it
[session]
  aws_access_key_id=AKIA-SESSION
  aws_secret_access_key=session
  aws_session_token=token==
[both]
aws_access_key_id = AKIA-BOTH
aws_secret_access_key = both
[half]
aws_access_key_id = AKIA-HALF
[stranger]
aws_access_key_id = AKIA-STRANGER
aws_secret_access_key = stranger
"""
PROCESS = """\
#!/bin/sh
echo "this goes to the log" >&2
[ "$1" = fails ] && exit 3
printf '{"Version": 1, "AccessKeyId": "AKIA-PROCESS-%s", "SecretAccessKey": "process"}' "$(echo "$1" | tr ' ' -)"
"""
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA-ENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "environment"}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/container"}
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "FOLDER/web-token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/web-of-environment"}
NO_INSTANCE = {"AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module", autouse=True)
def probe():
    aws.sdk()
    aws.build_probe()


@pytest.fixture
def cloud():
    keys = {"AKIA-MOI33": "moi33 ; is part of it", "AKIA-PROCESS-with-space": "process", "AKIA-ENVIRONMENT": "environment",
            "AKIA-CONFIG": "config=with;odd#characters"}
    cloud = aws.FakeAWS(**keys).start()
    yield cloud
    cloud.stop()


@pytest.fixture
def home(tmp_path):
    """A home folder with both files, a token of another identity provider, and a sign-in that lasts and one that has ended."""
    (tmp_path / ".aws/sso/cache").mkdir(parents=True)
    (tmp_path / ".aws/config").write_text(CONFIG.format(folder=tmp_path))
    (tmp_path / ".aws/credentials").write_text(CREDENTIALS)
    (tmp_path / "web-token").write_text("web-token")
    (tmp_path / "process").write_text(PROCESS)
    (tmp_path / "process").chmod(0o755)
    for session, end in ("company", "2099-01-01T00:00:00Z"), ("ended", "2020-01-01T00:00:00Z"):
        name = hashlib.sha1(session.encode()).hexdigest()
        (tmp_path / f".aws/sso/cache/{name}.json").write_text(json.dumps({"accessToken": "sso-token", "expiresAt": end}))
    return tmp_path


def environment(home, cloud, variables=()):
    changed = {name: value.replace("URL", cloud.url).replace("FOLDER", str(home)) for name, value in dict(variables).items()}
    return {"HOME": str(home), "PATH": os.environ["PATH"], **cloud.environment, **changed}


def ours(variables, profile=None):
    """What the module chooses, or None, and what it says."""
    done = subprocess.run([aws.PROBE, "credentials", *filter(None, [profile])], env=variables, capture_output=True, text=True,
                          timeout=20)
    return (json.loads(done.stdout) if done.returncode == 0 else None), done.stderr


def theirs(variables, profile=None):
    """What the SDK chooses, or None."""
    from botocore import credentials
    from botocore.session import Session
    cache = os.path.join(variables["HOME"], ".aws/sso/cache")
    with mock.patch.dict(os.environ, variables, clear=True), \
            mock.patch.object(credentials.SSOProvider, "_SSO_TOKEN_CACHE_DIR", cache), \
            mock.patch("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", cache):
        try:
            found = Session(profile=profile).get_credentials()
            return found and found.get_frozen_credentials()
        except Exception as error:  # of many classes
            print(f"the SDK: {error!r}")
            return None


# variables, profile of the configuration, name of the key that both choose
CHOICES = [
    (KEYS, None, "AKIA-ENVIRONMENT"),
    ({**KEYS, "AWS_SESSION_TOKEN": "token"}, None, "AKIA-ENVIRONMENT"),
    ({**KEYS, "AWS_PROFILE": "moi33"}, None, "AKIA-ENVIRONMENT"),
    ({**KEYS, "AWS_ACCESS_KEY_ID": "", "AWS_PROFILE": "moi33"}, None, "AKIA-MOI33"),
    ({**KEYS, **CONTAINER}, None, "AKIA-ENVIRONMENT"),
    (KEYS, "moi33", "AKIA-MOI33"),
    ({"AWS_PROFILE": "moi33"}, None, "AKIA-MOI33"),
    ({"AWS_DEFAULT_PROFILE": "session", "AWS_PROFILE": "moi33"}, None, "AKIA-SESSION"),
    ({"AWS_PROFILE": "session"}, "moi33", "AKIA-MOI33"),
    ({}, "session", "AKIA-SESSION"),
    ({}, "keys-in-config", "AKIA-CONFIG"),
    ({}, "with space", "AKIA-SPACE"),
    ({}, "both", "AKIA-BOTH"),
    ({}, "process", "AKIA-PROCESS-with-space"),
    ({}, "role", "ASIA-first"),
    ({}, "chain", "ASIA-second"),
    ({}, "role-by-itself", "ASIA-fourth"),
    ({}, "role-by-instance", "ASIA-fifth"),
    (KEYS, "role-by-environment", "ASIA-sixth"),
    (CONTAINER, "role-by-container", "ASIA-seventh"),
    ({}, "web", "ASIA-web"),
    (WEB, None, "ASIA-web-of-environment"),
    (WEB, "web", "ASIA-web"),
    ({}, "sso", "ASIA-sso-Reader"),
    (CONTAINER, None, "ASIA-container"),
    ({**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer a"}, None, "ASIA-container"),
    ({**CONTAINER, "AWS_PROFILE": "moi33"}, None, "AKIA-MOI33"),
    ({}, None, "ASIA-instance"),
    ({"AWS_CONFIG_FILE": "FOLDER/none", "AWS_SHARED_CREDENTIALS_FILE": "FOLDER/none"}, None, "ASIA-instance"),
    ({"AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}, "moi33", "AKIA-MOI33"),
]
NOTHING = [
    ({}, "missing", "the profile missing is in neither"),
    ({**KEYS, "AWS_PROFILE": "missing"}, None, "the profile missing is in neither"),
    ({"AWS_ACCESS_KEY_ID": "A"}, None, "AWS_SECRET_ACCESS_KEY is not"),
    (NO_INSTANCE, None, "switched off"),
    (NO_INSTANCE, "half", "no aws_secret_access_key"),
    (NO_INSTANCE, "circle", "circle → circle-2 → circle"),
    (NO_INSTANCE, "role-by-nothing", "neither source_profile nor credential_source"),
    (NO_INSTANCE, "role-by-container", "wants credentials of EcsContainer"),
    (NO_INSTANCE, "role-by-stranger", "AssumeRole at http"),
    (NO_INSTANCE, "process-fails", "status 3"),
    (NO_INSTANCE, "process-prints-nothing", "is no JSON"),
    (NO_INSTANCE, "sso-ended", "run aws sso login --profile sso-ended"),
    ({**WEB, "AWS_WEB_IDENTITY_TOKEN_FILE": "FOLDER/none"}, None, "none is not there"),
    ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/a"}, None, "must be https"),
    ({**NO_INSTANCE, "AWS_CONFIG_FILE": "FOLDER/process"}, None, "line 2"),
]


def test_the_sdk_makes_the_same_choices(home, cloud):
    for variables, profile, name in CHOICES:
        given = environment(home, cloud, variables)
        chosen, complaint = ours(given, profile)
        expected = theirs(given, profile)
        assert chosen and chosen["access_key"] == name, (variables, profile, chosen, complaint)
        assert expected and expected.access_key == name, (variables, profile, expected)
        assert (chosen["secret_key"], chosen["token"]) == (expected.secret_key, expected.token or ""), (variables, profile)


@pytest.mark.parametrize("variables, profile, complaint", NOTHING)
def test_where_the_sdk_finds_nothing_the_reason_is_told(home, cloud, variables, profile, complaint):
    given = environment(home, cloud, variables)
    chosen, said = ours(given, profile)
    assert chosen is None and complaint in said
    if profile not in ("sso-ended", "process-fails"):  # slow, for it asks the network; and clear
        assert theirs(given, profile) is None
    for secret in "stranger", "moi33 ; is", "never":
        assert f"= {secret}" not in said


def test_what_a_command_complains_about_goes_to_the_log_and_its_output_does_not(home, cloud):
    chosen, said = ours(environment(home, cloud), "process")
    assert chosen["access_key"] == "AKIA-PROCESS-with-space" and said.strip() == "this goes to the log"


def test_marks_and_line_ends_of_other_systems_are_no_part_of_a_file(home, cloud):
    for name in "config", "credentials":
        path = home / ".aws" / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    for profile, name in ("moi33", "AKIA-MOI33"), ("role", "ASIA-first"):
        assert ours(environment(home, cloud), profile)[0]["access_key"] == name


def test_a_container_is_asked_with_its_token(home, cloud):
    cloud.container_token = "Bearer of the file"
    (home / "container-token").write_text("Bearer of the file\n")
    files = {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "FOLDER/container-token"}
    assert ours(environment(home, cloud, {**CONTAINER, **files}))[0]["access_key"] == "ASIA-container"
    chosen, said = ours(environment(home, cloud, CONTAINER))
    assert chosen is None and "status 403" in said


def test_a_login_is_used_while_it_lasts(home, cloud):
    (home / ".aws/config").write_text("[profile me]\nlogin_session = arn:aws:iam::1:user/me\n")
    (home / "logins").mkdir()
    file = home / "logins" / (hashlib.sha256(b"arn:aws:iam::1:user/me").hexdigest() + ".json")
    given = environment(home, cloud, {"AWS_LOGIN_CACHE_DIRECTORY": "FOLDER/logins"})
    for end, name in ("2099-01-01T00:00:00Z", "ASIA-LOGIN"), ("2020-01-01T00:00:00Z", None):
        file.write_text(json.dumps({"accessToken": {
            "accessKeyId": "ASIA-LOGIN", "secretAccessKey": "s", "sessionToken": "t", "expiresAt": end}}))
        chosen, said = ours(given, "me")
        assert (chosen and chosen["access_key"]) == name
        assert name or "run aws login --profile me" in said


def test_who_has_the_credentials_is_known(home, cloud):
    for profile, arn in ("moi33", "iam::123456789012:user/AKIA-MOI33"), ("role", "sts::123456789012:assumed-role/first/a-session"):
        done = subprocess.run([aws.PROBE, "identity"], env=environment(home, cloud, {"AWS_PROFILE": profile}),
                              capture_output=True, text=True, timeout=20)
        assert done.stdout.strip() == f"arn:aws:{arn}", done.stderr


@pytest.mark.parametrize("ahead_seconds", [-1_200, 1_200])
def test_a_wrong_clock_keeps_no_role_from_being_assumed(home, cloud, ahead_seconds):
    cloud.ahead_seconds = ahead_seconds
    chosen, said = ours(environment(home, cloud), "chain")
    assert chosen and chosen["access_key"] == "ASIA-second", said


def watch(variables, seconds):
    return subprocess.Popen([aws.PROBE, "watch", str(seconds)], env=variables, stdout=subprocess.PIPE, text=True)


def test_credentials_of_seconds_are_renewed_before_they_end(home, cloud):
    """Each source in a process of its own, all at once."""
    cloud.lifetime_seconds, cloud.counts = 3, True
    with (home / ".aws/config").open("a") as config:
        config.write("""\
[profile clock]
credential_process = sh -c 'date -u -d "3 sec" "+{\\"Version\\":1,\\"AccessKeyId\\":\\"ASIA-clock-%s\\",\
\\"SecretAccessKey\\":\\"s\\",\\"SessionToken\\":\\"t\\",\\"Expiration\\":\\"%Y-%m-%dT%H:%M:%SZ\\"}"'
""")
    sources = [({}, "instance"), (CONTAINER, "container"), ({"AWS_PROFILE": "role"}, "first"),
               ({"AWS_PROFILE": "sso"}, "sso-Reader"), (WEB, "web-of-environment"), ({"AWS_PROFILE": "clock"}, "clock")]
    watching = [(watch(environment(home, cloud, variables), 7), source) for variables, source in sources]
    for process, source in watching:
        *names, longest = process.communicate(timeout=20)[0].splitlines()
        assert len(names) >= 3 and all(name.startswith(f"ASIA-{source}-") for name in names), names
        assert len(set(names)) == len(names)
        assert int(longest.split()[2]) < 4_000, longest


def test_old_credentials_are_used_while_new_ones_cannot_be_had(home, cloud):
    cloud.lifetime_seconds, cloud.counts = 6, True
    # Long enough for the longest pause after the failures: 4 seconds.
    watching = watch(environment(home, cloud), 14)
    until(lambda: cloud.requests, "the first question")
    time.sleep(1)
    cloud.failing = 503
    before = len(cloud.requests)
    time.sleep(6)
    assert len(cloud.requests) > before
    cloud.failing = None
    names = watching.communicate(timeout=20)[0].splitlines()[:-1]
    assert names[0].startswith("ASIA-instance-") and names[-1].startswith("ASIA-instance-") and names[0] != names[-1], names
    # Only after their end is there none, and that says why.
    words = ["ASIA-instance-", "status 503", "have not come yet", "has no role"]
    assert all(any(word in name for word in words) for name in names), names

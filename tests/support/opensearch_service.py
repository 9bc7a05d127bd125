"""Amazon OpenSearch Service's control plane (API 2021-01-01), played by a script.

It knows requests, answers and their members from the model in AWS' own SDK, refuses what the model does not have, and what is
not signed rightly. Domains are made in stages, and everything that can go wrong does so when a test wants it.

By hand, from the root of the repository, beside programs that are tried:

    python3 -m tests.support.opensearch_service --help
"""

import argparse
import itertools
import json
import re
import shlex
import signal
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote

from .aws import FakeAWS, Refused, SigningGate, sdk
from .opensearch import OpenSearch
from .servers import Handler, Server

REGION = "eu-central-1"
STAGES = ("Validation", "Creating a new environment", "Provisioning new nodes", "Routing traffic to new nodes",
          "Preparing for use")
VERSIONS = ("OpenSearch_9.1", "OpenSearch_3.7", "OpenSearch_3.5", "OpenSearch_3.3", "OpenSearch_3.1", "OpenSearch_2.19",
            "OpenSearch_2.17", "OpenSearch_2.9", "OpenSearch_1.3", "Elasticsearch_7.10", "Elasticsearch_6.8")
PATH = "/2021-01-01/"
STATUS = {"ResourceNotFoundException": 409, "ResourceAlreadyExistsException": 409, "LimitExceededException": 409,
          "InvalidTypeException": 409, "DisabledOperationException": 409, "ConflictException": 409, "ValidationException": 400,
          "InternalException": 500, "ThrottlingException": 400, "UnknownOperationException": 404}

# What goes wrong with one request, and what a fault of this name answers.
FAULTS = {
    "throttled": (400, "ThrottlingException", "Rate exceeded"),
    "too-many": (429, "TooManyRequestsException", "Too many requests"),
    "internal": (500, "InternalException", "The request processing has failed because of an internal error"),
    "unavailable": (503, "ServiceUnavailable", "Service Unavailable"),
    "quota": (409, "LimitExceededException", "You have reached the maximum number of domains in this Region: 100"),
    "role-not-yet": (400, "ValidationException", "The passed role has not propagated yet"),
    "still-deleted": (400, "ValidationException", "Domain is still being deleted"),
    "service-linked-role": (400, "ValidationException", "Before you can proceed, you must enable a service-linked role to give "
                            "Amazon OpenSearch Service permissions to access your VPC."),
    "change-underway": (409, "ConflictException", "A change/update is in progress. Please wait for it to complete before "
                        "requesting another change."),
    "taken": (409, "ResourceAlreadyExistsException", "Domain ids-suite already exists"),
    # These have no words: the connection ends before or after the request has done its work, or the answer is late or odd.
    "cut-before": None, "cut-after": None, "slow": None, "garbage": None, "oversize": None, "empty": None, "html": None,
}


@dataclass
class Change:
    """The making of a domain, or a change of its configuration: `stages`, each of so many seconds, after as many of waiting."""

    began: float
    stage_seconds: float
    stages: tuple = STAGES
    # The stage that fails, and what is said then.
    fails_at: int | None = None
    message: str = ""
    properties: tuple = ()
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def at(self, now):
        """Its status at a time, and how many stages are complete."""
        passed = (now - self.began) / self.stage_seconds if self.stage_seconds else float("inf")
        done = max(0, min(len(self.stages), int(min(passed, 1e6)) - 1))
        if self.fails_at is not None and done >= self.fails_at:
            return "FAILED", self.fails_at
        if done == len(self.stages):
            return "COMPLETED", done
        return ("PENDING" if passed < 1 else "PROCESSING"), done

    def progress(self, now):
        status, done = self.at(now)
        states = ["COMPLETED"] * done + [{"FAILED": "FAILED", "PROCESSING": "IN_PROGRESS"}.get(status, "PENDING")]
        states += ["PENDING"] * len(self.stages)
        return {"ChangeId": self.id, "StartTime": self.began, "Status": status, "LastUpdatedTime": now,
                "ConfigChangeStatus": self.config_status(status, done), "InitiatedBy": "CUSTOMER",
                "PendingProperties": [] if status == "COMPLETED" else list(self.properties),
                "CompletedProperties": list(self.properties) if status == "COMPLETED" else [],
                "TotalNumberOfStages": len(self.stages),
                "ChangeProgressStages": [
                    {"Name": name, "Status": state, "LastUpdated": now,
                     "Description": self.message if state == "FAILED" else f"{name} of the domain"}
                    for name, state in zip(self.stages, states)]}

    def config_status(self, status, done):
        if status == "FAILED":
            return "ValidationFailed" if done == 0 else "Cancelled"
        return {"PENDING": "Pending", "COMPLETED": "Completed"}.get(status, "ApplyingChanges" if done else "Validating")

    def details(self, now):
        status, done = self.at(now)
        details = {"ChangeId": self.id, "ConfigChangeStatus": self.config_status(status, done), "InitiatedBy": "CUSTOMER",
                   "StartTime": self.began, "LastUpdatedTime": now}
        return {**details, "Message": self.message} if status == "FAILED" else details


@dataclass
class Domain:
    name: str
    # What it was asked for with, and its changes since.
    options: dict
    tags: dict
    change: Change
    making: Change
    endpoint: str
    gone_at: float | None = None
    # Belongs to somebody else: nothing is told, but that the name is taken.
    foreign: bool = False

    @property
    def arn(self):
        return f"arn:aws:es:{REGION}:{FakeAWS.ACCOUNT}:domain/{self.name}"


@dataclass
class Request:
    action: str
    # As the model reads them.
    parameters: dict
    # The name of the key that it is signed with.
    key: str
    # "ok", or the type of the error or the fault.
    outcome: str = "ok"
    # Whether it has done its work.
    took_effect: bool = False


class ServiceError(Exception):
    def __init__(self, kind, message, status=None):
        super().__init__(message)
        self.kind, self.status = kind, status or STATUS[kind]


class OpenSearchService:
    """One account in one Region. `cloud` has the keys, the clock and the denied actions; domains get `endpoint`.

    Each attribute may be changed at any time, and counts for what is asked and begun after it.
    """

    def __init__(self, cloud, endpoint="https://127.0.0.1:1", stage_seconds=0.05):
        sdk()
        from botocore.session import get_session
        self.cloud = cloud
        self.endpoint = endpoint
        self.stage_seconds = stage_seconds
        # How long a domain that is made has no endpoint yet, and how long the deletion of one takes.
        self.endpoint_late_seconds = stage_seconds
        self.deletion_seconds = 3 * stage_seconds
        # Changes begun from now on fail at the stage of this number, saying this.
        self.fails_at, self.failure = None, "The configuration could not be applied."
        self.versions = list(VERSIONS)
        self.versions_per_page = 4
        self.slow_seconds = 2
        self.domains = {}
        self.requests = []
        self._faults = []
        self._lock = threading.RLock()
        model = get_session().get_service_model("opensearch")
        self._operations = [
            (operation.http["method"], re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(operation.http["requestUri"]))),
             operation) for operation in map(model.operation_model, model.operation_names) if hasattr(self, operation.name)]
        configurable = model.shape_for("DomainConfig").members
        self._configurable = {name for name, shape in configurable.items() if "Options" in getattr(shape, "members", ())} - {"AutoTuneOptions"}
        self._server = Server(type("ControlPlane", (ControlPlaneHandler,), {"service": self}))
        self.url = self._server.url

    def start(self):
        self._server.start()
        return self

    def stop(self):
        self._server.close()

    @property
    def environment(self):
        return {**self.cloud.environment, "AWS_ENDPOINT_URL_OPENSEARCH": self.url}

    # What a test says

    def fault(self, action, kind, times=1):
        """The next so many requests of this action ("*": any) go wrong in this way of FAULTS."""
        assert kind in FAULTS, kind
        with self._lock:
            self._faults += [(action, kind)] * times

    def add(self, name="ids-suite", tags=(), foreign=False, ready=True, **options):
        """A domain that is there already."""
        long_ago = self.cloud.now - 86_400
        change = Change(long_ago if ready else self.cloud.now, self.stage_seconds)
        options = {"EngineVersion": "OpenSearch_2.19", "ClusterConfig": {"InstanceType": "t3.small.search", "InstanceCount": 1},
                   "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 10}, **options}
        self.domains[name] = Domain(name, options, dict(tags), change, change, self.endpoint, foreign=foreign)
        return self.domains[name]

    # What a test asks

    def count(self, action, took_effect=None):
        """How often an action was asked for; or only those that did, or did not do, their work."""
        return sum(request.action == action and took_effect in (None, request.took_effect) for request in list(self.requests))

    # The operations, by the names of the model

    def CreateDomain(self, wanted):
        name = wanted["DomainName"]
        self._check(wanted)
        if old := self._living(name):
            if old.gone_at:
                raise ServiceError("ValidationException", "Domain is still being deleted")
            raise ServiceError("ResourceAlreadyExistsException", f"Domain {name} already exists")
        options = {key: value for key, value in wanted.items() if key not in ("DomainName", "TagList")}
        options.setdefault("EngineVersion", self.versions[0])
        change = self._change(options)
        self.domains[name] = Domain(name, options, self._tags(wanted.get("TagList", [])), change, change, self.endpoint)
        return {"DomainStatus": self._status(self.domains[name])}

    def DescribeDomain(self, wanted):
        return {"DomainStatus": self._status(self._domain(wanted["DomainName"]))}

    def DescribeDomains(self, wanted):
        found = [self._living(name) for name in wanted["DomainNames"]]
        return {"DomainStatusList": [self._status(domain) for domain in found if domain and not domain.foreign]}

    def ListDomainNames(self, _):
        living = [self._living(name) for name in list(self.domains)]
        return {"DomainNames": [{"DomainName": domain.name, "EngineType": "OpenSearch"} for domain in living
                                if domain and not domain.foreign]}

    def DescribeDomainConfig(self, wanted):
        domain = self._domain(wanted["DomainName"])
        status, now = self._status(domain), self.cloud.now
        state = {"CreationDate": domain.making.began, "UpdateDate": domain.change.began, "UpdateVersion": 1,
                 "State": "Processing" if status["Processing"] else "Active", "PendingDeletion": bool(domain.gone_at)}
        config = {name: {"Options": value, "Status": state} for name, value in status.items() if name in self._configurable}
        return {"DomainConfig": {**config, "ChangeProgressDetails": domain.change.details(now)}}

    def UpdateDomainConfig(self, wanted):
        domain = self._domain(wanted["DomainName"])
        if domain.gone_at or domain.change.at(self.cloud.now)[0] in ("PENDING", "PROCESSING"):
            raise ServiceError("ValidationException", "A change/update is in progress. Please wait for it to complete before "
                               "requesting another change.")
        changes = {key: value for key, value in wanted.items() if key not in ("DomainName", "DryRun", "DryRunMode")}
        self._check({**domain.options, **changes})
        if not wanted.get("DryRun"):
            for key, value in changes.items():
                old = domain.options.get(key)
                domain.options[key] = {**old, **value} if isinstance(value, dict) and isinstance(old, dict) else value
            domain.change = self._change(changes)
        return {"DomainConfig": self.DescribeDomainConfig(wanted)["DomainConfig"]}

    def DescribeDomainChangeProgress(self, wanted):
        domain = self._domain(wanted["DomainName"])
        if change := next((change for change in (domain.change, domain.making)
                           if wanted.get("ChangeId") in (None, change.id)), None):
            return {"ChangeProgressStatus": change.progress(self.cloud.now)}
        raise ServiceError("ResourceNotFoundException", f"Change {wanted['ChangeId']} not found")

    def DescribeDomainHealth(self, wanted):
        status = self._status(self._domain(wanted["DomainName"]))
        return {"DomainState": "Active" if status.get("Endpoint") else "Processing", "ClusterHealth": "Green",
                "DataNodeCount": "1", "AvailabilityZoneCount": "1", "TotalShards": "12", "TotalUnAssignedShards": "0"}

    def DeleteDomain(self, wanted):
        domain = self._domain(wanted["DomainName"])
        domain.gone_at = domain.gone_at or self.cloud.now + self.deletion_seconds
        return {"DomainStatus": self._status(domain)}

    def AddTags(self, wanted):
        self._by_arn(wanted["ARN"]).tags.update(self._tags(wanted["TagList"]))

    def RemoveTags(self, wanted):
        for key in wanted["TagKeys"]:
            self._by_arn(wanted["ARN"]).tags.pop(key, None)

    def ListTags(self, wanted):
        tags = self._by_arn(wanted["ARN"]).tags
        return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def ListVersions(self, wanted):
        begin = int(wanted.get("NextToken", 0))
        end = begin + min(wanted.get("MaxResults", 100), self.versions_per_page)
        more = {"NextToken": str(end)} if end < len(self.versions) else {}
        return {"Versions": self.versions[begin:end], **more}

    def GetCompatibleVersions(self, wanted):
        version = self._domain(wanted["DomainName"]).options["EngineVersion"]
        newer = self.versions[:self.versions.index(version)]
        return {"CompatibleVersions": [{"SourceVersion": version, "TargetVersions": newer}]}

    # What they are made of

    def _living(self, name):
        domain = self.domains.get(name)
        if domain and domain.gone_at and domain.gone_at <= self.cloud.now:
            del self.domains[name]
            return None
        return domain

    def _domain(self, name):
        domain = self._living(name)
        if domain is None or domain.foreign:
            raise ServiceError("ResourceNotFoundException", f"Domain not found: {name}")
        return domain

    def _by_arn(self, arn):
        if not re.fullmatch(rf"arn:aws:es:{REGION}:{FakeAWS.ACCOUNT}:domain/[a-z][a-z0-9-]+", arn):
            raise ServiceError("ValidationException", f"Invalid ARN: {arn}")
        return self._domain(arn.rpartition("/")[2])

    @staticmethod
    def _tags(tags):
        return {tag["Key"]: tag["Value"] for tag in tags}

    def _change(self, options):
        return Change(self.cloud.now, self.stage_seconds, fails_at=self.fails_at, message=self.failure, properties=tuple(options))

    def _check(self, wanted):
        """What the service looks at beside the model, as far as it can be known."""
        def refuse_unless(fine, message, kind="ValidationException"):
            if not fine:
                raise ServiceError(kind, message)

        version = wanted.get("EngineVersion", self.versions[0])
        refuse_unless(version in self.versions, f"Invalid engine version: {version}")
        security = wanted.get("AdvancedSecurityOptions", {})
        if security.get("Enabled"):
            for member, switch in ("EncryptionAtRestOptions", "Enabled"), ("NodeToNodeEncryptionOptions", "Enabled"), \
                    ("DomainEndpointOptions", "EnforceHTTPS"):
                refuse_unless(wanted.get(member, {}).get(switch), f"{member} must be enabled to use advanced security options")
            master = security.get("MasterUserOptions", {}).get("MasterUserARN")
            refuse_unless(master or security.get("InternalUserDatabaseEnabled"), "MasterUserOptions must be given")
            refuse_unless(not master or re.fullmatch(r"arn:aws(-[a-z-]+)?:iam::\d{12}:(user|role)/.+|arn:aws:iam::\d{12}:root", master),
                          f"Invalid MasterUserARN: {master}")
        volume = wanted.get("EBSOptions", {})
        if volume.get("EBSEnabled"):
            size = volume.get("VolumeSize", 0)
            refuse_unless(10 <= size <= 100 or "t3.small" not in wanted.get("ClusterConfig", {}).get("InstanceType", ""),
                          "Volume size must be between 10 and 100 for t3.small.search instance type and gp3 volume type.",
                          "LimitExceededException" if size > 100 else "ValidationException")
        if policy := wanted.get("AccessPolicies"):
            try:
                statements = json.loads(policy)["Statement"]
                principals = [statement["Principal"]["AWS"] for statement in statements]
            except (ValueError, KeyError, TypeError):
                raise ServiceError("InvalidTypeException", "Error setting policy: [" + policy + "]") from None
            for principal in principals:
                for arn in [principal] if isinstance(principal, str) else principal:
                    refuse_unless(arn == "*" or re.match(r"arn:aws[a-z-]*:(iam|sts)::\d{12}:", arn),
                                  f"Error setting policy: [{policy}]", "InvalidTypeException")

    def _status(self, domain):
        """A domain as it is described: with what the service adds by itself, without what is never told again."""
        now = self.cloud.now
        status, done = domain.making.at(now)
        changing = domain.change.at(now)[0]
        made_at = domain.making.began + (1 + len(domain.making.stages)) * domain.making.stage_seconds
        processing = status in ("PENDING", "PROCESSING") or changing in ("PENDING", "PROCESSING")
        described = {
            "DomainId": f"{FakeAWS.ACCOUNT}/{domain.name}", "DomainName": domain.name, "ARN": domain.arn,
            # True while the domain is still being made, as the service does it.
            "Created": done > 0, "Deleted": bool(domain.gone_at), "Processing": processing or bool(domain.gone_at),
            "UpgradeProcessing": False, "IPAddressType": "ipv4", "SnapshotOptions": {"AutomatedSnapshotStartHour": 0},
            "CognitoOptions": {"Enabled": False},
            "AdvancedOptions": {"override_main_response_version": "false", "rest.action.multi.allow_explicit_index": "true"},
            "ServiceSoftwareOptions": {"CurrentVersion": "OpenSearch_R20261101", "UpdateAvailable": False, "Cancellable": False,
                                       "UpdateStatus": "COMPLETED", "OptionalDeployment": True},
            "AutoTuneOptions": {"State": "DISABLED"}, "DomainEndpointV2HostedZoneId": "Z0123456789",
            "ChangeProgressDetails": domain.change.details(now), "DomainProcessingStatus":
                "Deleting" if domain.gone_at else "Creating" if status != "COMPLETED" else
                "Modifying" if processing else "Active",
            **domain.options}
        for member, added in OPTIONS.items():
            if member in domain.options:
                described[member] = {**added, **domain.options[member]}
        if policy := domain.options.get("AccessPolicies"):
            described["AccessPolicies"] = normalized(policy)
        if status == "COMPLETED" and now >= made_at + self.endpoint_late_seconds:
            # The service tells a name without a scheme.
            described["Endpoint"] = described["EndpointV2"] = domain.endpoint.removeprefix("https://")
        return described

    # Requests

    def answer(self, method, target, url, fields, body):
        """The status, the fields and the bytes of the answer to a request; None for the bytes: hang up."""
        path, _, query = target.partition("?")
        request = Request(f"{method} {path}", {}, "")
        fault = None
        self.requests.append(request)
        try:
            request.key, service = self.cloud.check(method, url, fields, body)
            if service != "es":
                raise Refused("InvalidSignatureException", f"Credential should be scoped to correct service: 'es', not {service}")
            operation, parameters = self._parsed(method, path, query, body)
            request.action, request.parameters = operation.name, parameters
            with self._lock:
                fault = self._next_fault(operation.name)
                resource = f"arn:aws:es:{REGION}:{self.cloud.ACCOUNT}:domain/{parameters.get('DomainName', '*')}"
                self.cloud.refuse_denied(request.key, f"es:{operation.name}", parameters.get("ARN", resource))
                if fault and FAULTS[fault]:
                    status, kind, message = FAULTS[fault]
                    raise ServiceError(kind, message, status)
                if fault != "cut-before":
                    result = getattr(self, operation.name)(parameters) or {}
                    request.took_effect = True
                    content = self._answer_of(operation, result)
            self.cloud.when_asked(request.key)
            if fault:
                request.outcome = fault
                return self._odd_answer(fault, content if request.took_effect else b"")
            return 200, {}, content
        except Refused as refused:
            request.outcome = refused.kind
            return 403, {"x-amzn-ErrorType": refused.kind}, json.dumps({"Message": str(refused).partition(": ")[2]}).encode()
        except ServiceError as error:
            request.outcome = error.kind
            # With what AWS' servers put behind the type.
            named = {"x-amzn-ErrorType": f"{error.kind}:http://internal.amazon.com/coral/com.amazon.swan/"}
            return error.status, named, json.dumps({"message": str(error)}).encode()

    def _next_fault(self, action):
        for position, (of, kind) in enumerate(self._faults):
            if of in ("*", action):
                del self._faults[position]
                return kind
        return None

    def _odd_answer(self, fault, content):
        if fault in ("cut-before", "cut-after"):
            return 0, {}, None
        if fault == "slow":
            time.sleep(self.slow_seconds)
            return 200, {}, content
        if fault == "html":
            return 502, {"Content-Type": "text/html"}, b"<html><body><h1>502 Bad Gateway</h1></body></html>"
        return 200, {}, {"garbage": b"\xff\x00{\"DomainStatus\":", "empty": b"",
                         "oversize": b'{"x":"' + b"a" * (32 << 20) + b'"}'}[fault]

    def _parsed(self, method, path, query, body):
        """The operation of the model that a request is for, and its members."""
        found = next(((operation, match) for verb, pattern, operation in self._operations
                      if verb == method and (match := pattern.fullmatch(path))), None)
        if not found:
            raise ServiceError("UnknownOperationException", f"{method} {path} is no operation that is played here")
        operation, match = found
        try:
            parameters = json.loads(body) if body else {}
        except ValueError:
            raise ServiceError("ValidationException", "the body is no JSON") from None
        given = {name: unquote(value) for name, value in match.groupdict().items()}
        asked = {name: values[0] for name, values in parse_qs(query, strict_parsing=bool(query)).items()}
        for name, shape in operation.input_shape.members.items():
            place = shape.serialization.get("location")
            wire = shape.serialization.get("name", name)
            if place and name in parameters:
                raise ServiceError("ValidationException", f"{name} does not belong into the body")
            if place == "uri":
                parameters[name] = given[wire]
            if place == "querystring" and wire in asked:
                text = asked.pop(wire)
                parameters[name] = int(text) if shape.type_name == "integer" else text
        if asked:
            raise ServiceError("ValidationException", f"unknown parameters of the query: {', '.join(asked)}")
        if problems := list(differences(parameters, operation.input_shape)):
            raise ServiceError("ValidationException", f"{len(problems)} validation error detected: {'; '.join(problems)}")
        return operation, parameters

    @staticmethod
    def _answer_of(operation, result):
        """The bytes of an answer: what the model has; what a member of it may not be is a mistake of this script."""
        if operation.output_shape is None:
            return b""
        result = shaped(result, operation.output_shape)
        if problems := list(differences(result, operation.output_shape)):
            raise AssertionError(f"{operation.name}: {problems}")
        # Members that the SDKs of today do not know come with every answer.
        return json.dumps({**result, "MemberOfTomorrow": {"a": [1, None]}}).encode()


# What the service adds to the options that it was given.
OPTIONS = {
    "ClusterConfig": {"ZoneAwarenessEnabled": False, "DedicatedMasterEnabled": False, "WarmEnabled": False,
                      "MultiAZWithStandbyEnabled": False, "ColdStorageOptions": {"Enabled": False}},
    "EBSOptions": {"Iops": 3000, "Throughput": 125},
    "EncryptionAtRestOptions": {"KmsKeyId": f"arn:aws:kms:{REGION}:{FakeAWS.ACCOUNT}:key/1"},
    "DomainEndpointOptions": {"CustomEndpointEnabled": False},
    "AdvancedSecurityOptions": {"AnonymousAuthEnabled": False},
}


def normalized(policy):
    """A policy as the service gives it back: the same, in other words."""
    def one(value):
        if isinstance(value, dict):
            return {key: one(value[key]) for key in sorted(value, reverse=True)}
        if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], dict):
            return value[0]
        return [one(item) for item in value] if isinstance(value, list) else value

    return json.dumps(one(json.loads(policy)), separators=(",", ":"))


def shaped(value, shape):
    """What the model has of a value."""
    if shape.type_name == "structure":
        return {name: shaped(value[name], member) for name, member in shape.members.items() if value.get(name) is not None}
    if shape.type_name == "list":
        return [shaped(item, shape.member) for item in value]
    return value


def differences(value, shape):
    """In what a value is not of its shape: the SDK's own check, and those of the model that only servers make."""
    from botocore.validate import ParamValidator
    if report := ParamValidator().validate(value, shape).generate_report():
        yield report
    else:
        yield from _deviations(value, shape, shape.name)


def _deviations(value, shape, place):
    if shape.type_name == "structure":
        for name in value.keys() - shape.members.keys():
            yield f"{place} has no member {name}"
        for name in value.keys() & shape.members.keys():
            yield from _deviations(value[name], shape.members[name], f"{place}.{name}")
    elif shape.type_name == "list":
        for item in value:
            yield from _deviations(item, shape.member, place)
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{place} must be one of {shape.enum}, not {value}"
        if not shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", len(value)):
            yield f"the length of {place} is {len(value)}"
        if (pattern := shape.metadata.get("pattern")) and not _matches(pattern, value):
            yield f"{place} is not of the form {pattern}: {value}"


def _matches(pattern, value):
    try:
        # Some patterns end in ".*", and mean newlines, too; classes of Java have other names here.
        return re.fullmatch(pattern.replace(r"\p{L}\p{Z}\p{N}", r"\w\s"), value, re.DOTALL)
    except re.error:
        return True


class ControlPlaneHandler(Handler):
    service = None

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.service.cloud.now)

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        # Signatures cover the host and the path; the scheme is no part of them.
        url = f"http://{self.headers['host']}{self.path}"
        status, fields, content = self.service.answer(self.command, self.path, url, self.headers.items(), body)
        if content is None:
            return self.hang_up()
        self.answer(status, content, {"Content-Type": "application/json", "x-amzn-RequestId": str(uuid.uuid4()), **fields})

    do_GET = do_POST = do_PUT = do_DELETE = handle_request


def main():
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.support.opensearch_service", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__.partition("\n\nBy hand")[0],
        epilog="Faults: " + ", ".join(FAULTS) + ".\nEnds with Ctrl-C. Requests and what became of them are on standard error.")
    parser.add_argument("--stage-seconds", type=float, default=3, help="how long each of the five stages takes (default: 3)")
    parser.add_argument("--real", action="store_true", help="start a real OpenSearch behind the endpoint")
    parser.add_argument("--secure", action="store_true", help="start a real OpenSearch with users and roles behind it")
    parser.add_argument("--upstream", default="http://127.0.0.1:9200", help="else: what is behind the endpoint")
    parser.add_argument("--exists", choices=["ours", "untagged", "other-account", "deleting"], help="a domain ids-suite is there")
    parser.add_argument("--fault", action="append", default=[], metavar="ACTION:KIND[:TIMES]", help="CreateDomain:cut-after:2")
    parser.add_argument("--deny", action="append", default=[], metavar="ACTION", help="such as es:CreateDomain")
    parser.add_argument("--fails-at", type=int, metavar="N", help="changes fail at this stage, counted from 0")
    parser.add_argument("--failure", default="Validation failed: the role in the access policy does not exist.")
    parser.add_argument("--role", action="store_true", help="credentials are those of a role instead of a user")
    parser.add_argument("--lifetime-seconds", type=int, default=3600, help="of a role's credentials")
    parser.add_argument("--ahead-seconds", type=float, default=0, help="how far AWS' clock is ahead of this machine's")
    arguments = parser.parse_args()

    sdk()
    folder = Path(tempfile.mkdtemp(prefix="ids-aws-"))
    cloud = FakeAWS(**{"AKIA-HAND": "secret"}, lifetime_seconds=arguments.lifetime_seconds).start()
    cloud.ahead_seconds, cloud.denied = arguments.ahead_seconds, set(arguments.deny)
    node = OpenSearch(secure=arguments.secure).start() if arguments.real or arguments.secure else None
    gate = SigningGate(cloud, node or arguments.upstream, folder).start()
    service = OpenSearchService(cloud, gate.url, arguments.stage_seconds).start()
    service.fails_at, service.failure = arguments.fails_at, arguments.failure
    for fault in arguments.fault:
        action, kind, times = (fault.split(":") + ["1"])[:3]
        service.fault(action, kind, int(times))
    if arguments.exists:
        tags = {"ids-suite:managed-by": "aws-provisioner"} if arguments.exists in ("ours", "deleting") else {}
        domain = service.add(tags=tags, foreign=arguments.exists == "other-account")
        if arguments.exists == "deleting":
            domain.gone_at = cloud.now + 6 * arguments.stage_seconds

    variables = {**service.environment, "AWS_CA_BUNDLE": str(gate.certificate), "HOME": str(folder)}
    if not arguments.role:
        variables |= {"AWS_ACCESS_KEY_ID": "AKIA-HAND", "AWS_SECRET_ACCESS_KEY": "secret"}
    print("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()), flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for number in itertools.count():
            while number >= len(service.requests):
                time.sleep(0.1)
            request = service.requests[number]
            time.sleep(0.05)
            print(f"{time.strftime('%H:%M:%S')} {request.action}: {request.outcome}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        if node:
            node.close()


if __name__ == "__main__":
    main()

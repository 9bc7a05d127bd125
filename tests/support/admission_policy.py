"""Evaluates an admission policy as Kubernetes' API server would; run by the Python that has `celpy`.

    admission_policy.py POLICY.yaml < PODS.json      prints, for each pod of the list, the messages that refuse it
"""

import json
import sys

import celpy
import yaml


def main():
    with open(sys.argv[1]) as file:
        policy = next(yaml.safe_load_all(file))["spec"]
    environment = celpy.Environment()
    programs = {rule["expression"]: environment.program(environment.compile(rule["expression"]))
                for rule in policy["variables"] + policy["validations"]}

    def messages(pod):
        context = {"object": celpy.json_to_cel(pod)}
        variables = {rule["name"]: programs[rule["expression"]].evaluate(context) for rule in policy["variables"]}
        context["variables"] = celpy.celtypes.MapType(
            {celpy.celtypes.StringType(name): value for name, value in variables.items()})
        return [rule["message"] for rule in policy["validations"]
                if not programs[rule["expression"]].evaluate(context)]

    json.dump([messages(pod) for pod in json.load(sys.stdin)], sys.stdout)


main()

"""Reads API answers with botocore's own parser and, more strictly than botocore does, against its service model.

Standard input: one case a line, `OPERATION STATUS XML`, the last one percent-encoded. Standard output: one line of JSON a case, the parsed
answer. With the argument `requests` it prints the bodies that botocore sends for a list of calls, with `operations` the names of
all operations, one a line. Exits 3 when botocore is not installed.
"""

import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ET

try:
    import botocore.loaders
    import botocore.model
    import botocore.parsers
    import botocore.serialize
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

MODEL = botocore.model.ServiceModel(
    botocore.loaders.Loader().load_service_model("elasticache", "service-2", "2015-02-02"), "elasticache"
)
NAMESPACE = "{http://elasticache.amazonaws.com/doc/2015-02-02/}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def check(element, shape, path):
    """Every element is in the model, with the item name that the strict SDKs want, and looks like its type."""
    if shape.type_name == "structure":
        members = {m.serialization.get("name", n): m for n, m in shape.members.items()}
        names = [child.tag.removeprefix(NAMESPACE) for child in element]
        assert len(names) == len(set(names)), f"{path}: an element twice in {names}"
        for name, child in zip(names, element):
            assert name in members, f"{path}: the model has no {name}"
            check(child, members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        wanted = shape.member.serialization.get("name", "member")
        for child in element:
            assert child.tag == NAMESPACE + wanted, f"{path}: item {child.tag}, not {wanted}"
            check(child, shape.member, f"{path}[]")
    else:
        text = element.text or ""
        assert len(element) == 0, f"{path}: elements inside a {shape.type_name}"
        if shape.type_name == "timestamp":
            assert DATE.fullmatch(text), f"{path}: {text}"
        elif shape.type_name == "boolean":
            assert text in ("true", "false"), f"{path}: {text}"
        elif shape.type_name in ("integer", "long"):
            int(text)
        if getattr(shape, "enum", None):
            assert text in shape.enum, f"{path}: {text} is none of {shape.enum}"


def check_case(name, status, body):
    operation = MODEL.operation_model(name)
    parsed = botocore.parsers.create_parser("query").parse(
        {"status_code": status, "headers": {"content-type": "text/xml"}, "body": body}, operation.output_shape
    )
    root = ET.fromstring(body)
    if status == 200:
        assert root.tag == f"{NAMESPACE}{name}Response", root.tag
        assert [c.tag for c in root] == [f"{NAMESPACE}{name}Result", f"{NAMESPACE}ResponseMetadata"]
        check(root[0], operation.output_shape, name)
    else:
        assert root.tag == f"{NAMESPACE}ErrorResponse", root.tag
        code = parsed["Error"]["Code"]
        shapes = {s.metadata["error"]["code"]: s.metadata["error"] for s in operation.error_shapes}
        if code in shapes:
            assert shapes[code]["httpStatusCode"] == status, f"{code} has {shapes[code]['httpStatusCode']}"
        parsed["Modelled"] = code in shapes
    return parsed


def requests():
    calls = [
        ("TestFailover", {"ReplicationGroupId": "my-group", "NodeGroupId": "0001"}),
        ("DescribeReplicationGroups", {}),
        ("DescribeReplicationGroups", {"ReplicationGroupId": "my-group", "MaxRecords": 20}),
        ("DescribeCacheClusters", {"ShowCacheNodeInfo": True, "ShowCacheClustersNotInReplicationGroups": False}),
        ("DescribeEvents", {"StartTime": "2025-11-23T08:00:00Z", "EndTime": 1763886725, "SourceType": "cache-cluster"}),
        ("DescribeEvents", {"Duration": 120, "SourceIdentifier": "my-group"}),
        ("RebootCacheCluster", {"CacheClusterId": "my-group-002", "CacheNodeIdsToReboot": ["0001"]}),
        ("IncreaseReplicaCount", {"ReplicationGroupId": "my-group", "NewReplicaCount": 3, "ApplyImmediately": True}),
        ("DecreaseReplicaCount", {"ReplicationGroupId": "my-group", "ReplicasToRemove": ["my-group-003"], "ApplyImmediately": True}),
        ("ModifyReplicationGroup", {"ReplicationGroupId": "my-group", "AutomaticFailoverEnabled": False, "ApplyImmediately": True}),
        ("ListTagsForResource", {"ResourceName": "arn:aws:elasticache:us-east-1:000000000000:replicationgroup:my-group"}),
    ]
    serializer = botocore.serialize.create_serializer("query", include_validation=True)
    for name, params in calls:
        request = serializer.serialize_to_request(params, MODEL.operation_model(name))
        print(urllib.parse.urlencode(request["body"]))


if sys.argv[1:] == ["requests"]:
    requests()
elif sys.argv[1:] == ["operations"]:
    print("\n".join(MODEL.operation_names))
else:
    for line in sys.stdin:
        name, status, body = line.split()
        parsed = check_case(name, int(status), urllib.parse.unquote_to_bytes(body))
        print(json.dumps(parsed, sort_keys=True, default=lambda date: date.isoformat()))

#!/usr/bin/env python3
"""The story of issue 2 with real clients: redis-py, redis-cli, dig, the aws command line, boto3.

Runs target/release/primacy, or $PRIMACY_BIN. Names of cases as arguments run only those. Nothing here judges a time:
measured ones are printed.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback

import redis

from group import BINARY, TEMPLATE, Group, eventually, host_and_port, resolve
from writer import Writer, client

CASES = []


def case(function):
    CASES.append(function)
    return function


def cli(group, *command, port=None, host="127.0.0.1"):
    port = port or group.primary
    run = subprocess.run(
        ["redis-cli", "-h", host, "-p", str(port), *command], capture_output=True, text=True, timeout=30
    )
    return run.stdout.strip()


@case
def clients_read_and_write_everywhere():
    with Group() as group:
        view = group.view()
        assert {node["zone"] for node in view["nodes"]} == {"us-east-1a", "us-east-1b", "us-east-1c"}
        assert cli(group, "SET", "greeting", "hello") == "OK"
        assert cli(group, "GET", "greeting") == "hello"
        assert cli(group, "INCR", "counter") == "1"
        assert cli(group, "EXPIRE", "greeting", "100") == "1"
        assert 0 < int(cli(group, "TTL", "greeting")) <= 100
        named = client(group, view["configuration_endpoint"], socket_timeout=5)
        with named.client() as one:
            one.set("through", "the name")
            assert one.execute_command("WAIT", 2, 20000) == 2
            assert one.role()[0] == "master" or one.role()[0] == b"master"
            assert one.info("replication")["connected_slaves"] == 2
        for node in view["nodes"]:
            host, port = host_and_port(node)
            direct = redis.Redis(host=host, port=port, decode_responses=True)
            assert direct.get("through") == "the name", node["name"]
            if node["is_primary"]:
                continue
            assert direct.role()[0] == "slave"
            assert direct.info("replication")["role"] == "slave"
            try:
                direct.set("no", "way")
                raise AssertionError("a replica took a write")
            except redis.ReadOnlyError as error:
                assert "You can't write against a read only replica." in str(error)
        for protocol in (2, 3):
            reader = redis.Redis(port=group.reader, decode_responses=True, protocol=protocol)
            assert reader.get("through") == "the name"


@case
def a_long_pipeline_takes_neither_the_lease_nor_the_others_turn():
    writes, value = 400_000, b"v" * 64
    with Group() as group:
        host, port = host_and_port(group.primary_node())
        other = redis.Redis(host=host, port=port)
        with socket.create_connection((host, port), timeout=60) as pipe:
            sender = threading.Thread(target=pipe.sendall, args=(b"".join(
                b"*3\r\n$3\r\nSET\r\n$10\r\nkey:%06d\r\n$64\r\n%s\r\n" % (n, value) for n in range(writes)
            ),))
            sender.start()
            slowest, got = 0.0, bytearray()
            while len(got) < writes * len(b"+OK\r\n"):
                chunk = pipe.recv(1 << 16)
                assert chunk, "the connection was closed, as when the lease is lost"
                got += chunk
                before = time.monotonic()
                assert other.ping()
                slowest = max(slowest, time.monotonic() - before)
            sender.join()
        assert got == b"+OK\r\n" * writes
        assert not [line for line in group.log if "lease lost" in line], group.log
        print(f"  slowest PING beside a pipeline of {writes} writes: {slowest * 1000:.1f} ms")


@case
def a_delayed_replica_shows_stale_reads():
    with Group("--link-delay", "003=800ms") as group:
        slow = group.node(3)
        assert not slow["is_primary"]
        host, port = host_and_port(slow)
        replica = redis.Redis(host=host, port=port, decode_responses=True)
        redis.Redis(port=group.primary).set("fresh", "1")
        print("      read at once on the delayed replica:", replica.get("fresh"))
        eventually("the write on the delayed replica", lambda: replica.get("fresh") == "1")


@case
def dig_finds_every_name():
    with Group() as group:
        view = group.view()
        for name in (view["primary_endpoint"], view["configuration_endpoint"]):
            answer = group.dig(name)
            assert "status: NOERROR" in answer and " aa " in answer.replace(";", " "), answer
            assert "CNAME" in answer and host_and_port(group.primary_node())[0] in answer, answer
            assert f"{name}.\t1\tIN\tCNAME" in answer.replace(" ", "\t").replace("\t\t", "\t"), answer
        readers = {resolve(group.dns, view["reader_endpoint"]) for _ in range(4)}
        assert readers == {host_and_port(node)[0] for node in view["nodes"] if not node["is_primary"]}, readers
        for node in view["nodes"]:
            assert group.dig(node["dns_name"], "+short").strip() == host_and_port(node)[0]
            assert group.dig(node["dns_name"], "+short", "+tcp").strip() == host_and_port(node)[0]
        missing = group.dig("nobody." + view["primary_endpoint"].split(".", 1)[1])
        assert "status: NXDOMAIN" in missing and "SOA" in missing, missing
        assert "status: NOERROR" in group.dig(view["primary_endpoint"], "AAAA")
        assert "status: REFUSED" in group.dig("example.com")


@case
def the_seeds_own_command_fails_over():
    with Group() as group:
        before = group.primary_node()
        name = group.view()["primary_endpoint"]
        redis.Redis(port=group.primary).set("kept", "yes")
        called = group.aws(
            "test-failover", "--replication-group-id", "my-replication-group", "--node-group-id", "0001"
        )
        assert called.returncode == 0, called.stderr
        shown = json.loads(called.stdout)["ReplicationGroup"]
        assert (shown["ReplicationGroupId"], shown["Status"]) == ("my-replication-group", "available"), shown
        eventually("another primary", lambda: group.primary_node()["id"] != before["id"])
        group.available()
        assert group.node(before["id"])["pid"] != before["pid"], "the old primary's process did not die"
        assert resolve(group.dns, name) == host_and_port(group.primary_node())[0]
        described = json.loads(group.aws("describe-replication-groups").stdout)["ReplicationGroups"][0]
        members = described["NodeGroups"][0]["NodeGroupMembers"]
        roles = {member["CacheClusterId"]: member["CurrentRole"] for member in members}
        assert roles[before["name"]] == "replica" and sorted(roles.values()) == ["primary", "replica", "replica"], roles
        assert "ConfigurationEndpoint" not in described
        assert described["NodeGroups"][0]["PrimaryEndpoint"]["Address"] == name
        told = lambda: [e["Message"] for e in json.loads(group.aws("describe-events").stdout)["Events"]]
        finished = lambda: any("Finished recovery for cache nodes 0001" in text for text in told())
        eventually("the recovery in describe-events", finished)
        texts = "\n".join(told())
        assert "Failover" in texts, texts
        unknown = group.aws("test-failover", "--replication-group-id", "nobody", "--node-group-id", "0001")
        assert unknown.returncode != 0 and "ReplicationGroupNotFoundFault" in unknown.stderr, unknown.stderr
        assert redis.Redis(port=group.primary, decode_responses=True).get("kept") == "yes"


@case
def replicas_come_and_go_under_writes():
    with Group() as group:
        name = group.view()["configuration_endpoint"]
        writer = Writer(group, name)
        writer.start()
        eventually("some writes", lambda: len(writer.confirmed) > 50)
        count = lambda how, *more: group.aws(
            f"{how}-replica-count", "--replication-group-id", "my-replication-group", "--apply-immediately", *more
        )
        grown = count("increase", "--new-replica-count", "4")
        assert grown.returncode == 0, grown.stderr
        assert json.loads(grown.stdout)["ReplicationGroup"]["Status"] == "modifying", grown.stdout
        view = group.available(4)
        assert sorted(node["zone"][-1] for node in view["nodes"]) == ["a", "b", "b", "c", "c"], view
        newest = group.node(5)
        host, port = host_and_port(newest)
        assert resolve(group.dns, newest["dns_name"]) == host
        replica = redis.Redis(host=host, port=port, decode_responses=True)
        kept = str(writer.confirmed[0])
        eventually("the first write on the new replica", lambda: replica.get(f"n{kept}") == kept)
        with client(group, name, socket_timeout=5).client() as one:
            one.set("on", "all")
            assert one.execute_command("WAIT", 4, 20000) == 4
        removed = count("decrease", "--replicas-to-remove", newest["name"], "my-replication-group-002")
        assert removed.returncode == 0, removed.stderr
        view = group.available(2)
        assert [node["id"] for node in view["nodes"]] == [1, 3, 4], view
        eventually("the end of its process", lambda: not os.path.exists(f"/proc/{newest['pid']}"))
        assert "status: NXDOMAIN" in group.dig(newest["dns_name"])
        readers = {resolve(group.dns, view["reader_endpoint"]) for _ in range(4)}
        assert readers == {host_and_port(node)[0] for node in view["nodes"] if not node["is_primary"]}, readers
        many = count("increase", "--new-replica-count", "6")
        assert many.returncode != 0 and "InvalidParameterValue" in many.stderr, many.stderr
        same = count("increase", "--new-replica-count", "2")
        assert same.returncode != 0 and "NoOperationFault" in same.stderr, same.stderr
        primary = count("decrease", "--replicas-to-remove", group.primary_node()["name"])
        assert primary.returncode != 0 and "serving as primary" in primary.stderr, primary.stderr
        last = count("decrease", "--new-replica-count", "0")
        assert last.returncode != 0 and "Must have at least 1 replica" in last.stderr, last.stderr
        told = [e["Message"] for e in json.loads(group.aws("describe-events").stdout)["Events"]]
        assert "Finished modifying number of nodes from 3 to 5" in told, told
        assert "Removed cache nodes 0001" in told and "Cache cluster deleted" in told, told
        # A node whose number was used before takes part like any other.
        assert count("increase", "--new-replica-count", "3").returncode == 0
        group.available(3)
        assert group.node(2)["heard"]
        before = group.primary_node()
        os.kill(before["pid"], signal.SIGKILL)
        eventually("another primary", lambda: group.primary_node()["id"] != before["id"])
        group.available(3)
        writer.finish()
        reads = client(group, name, socket_timeout=5)
        missing = [number for number in writer.confirmed if reads.get(f"n{number}") != str(number)]
        assert not missing, f"{len(missing)} writes that WAIT 1 confirmed are lost: {missing[:5]}"
        print(f"      {len(writer.acknowledged)} writes, {len(writer.errors)} errors retried")


@case
def boto3_reads_the_answers():
    import boto3
    from botocore.exceptions import ClientError

    with Group() as group:
        api = boto3.client(
            "elasticache", endpoint_url=group.api, region_name="us-east-1", aws_access_key_id="any",
            aws_secret_access_key="any",
        )
        described = api.describe_replication_groups(ReplicationGroupId="my-replication-group")
        assert len(described["ReplicationGroups"][0]["NodeGroups"][0]["NodeGroupMembers"]) == 3
        clusters = api.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
        assert [cluster["CacheClusterId"] for cluster in clusters] == [
            f"my-replication-group-00{number}" for number in (1, 2, 3)
        ]
        try:
            api.describe_serverless_caches()
            raise AssertionError("an action that is not there was answered")
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error


def under_a_writer(how, *options):
    """Sends `how` to the primary under a writer; gives the group, the writer and the old primary to `check`."""
    with Group(*options) as group:
        name, old = group.view()["configuration_endpoint"], group.primary_node()
        writer = Writer(group, name)
        writer.start()
        eventually("some writes", lambda: len(writer.confirmed) > 50)
        os.kill(old["pid"], how)
        struck = time.monotonic()
        eventually("writes after it", lambda: any(at > struck + 0.5 for at, _ in writer.acknowledged[-1:]))
        if how == signal.SIGSTOP:
            wakes_and_acknowledges_nothing(group, old)
        after = group.available()
        eventually("more writes", lambda: len(writer.confirmed) > 100)
        writer.finish()
        gap = writer.longest_gap()
        print(f"      {signal.Signals(how).name}: {gap * 1000:.0f} ms without an acknowledged write, "
              f"{len(writer.acknowledged)} acknowledged, {len(writer.errors)} errors retried")
        returned = next(node for node in after["nodes"] if node["id"] == old["id"])
        assert not returned["is_primary"] and returned["name"] == old["name"], returned
        kept = client(group, name, socket_timeout=5)
        missing = [number for number in writer.confirmed if kept.get(f"n{number}") != str(number)]
        assert not missing, f"{len(missing)} writes that WAIT 1 confirmed are lost: {missing[:5]}"
        lost = [number for _, number in writer.acknowledged if kept.get(f"n{number}") is None]
        print(f"      acknowledged and lost: {len(lost)}")


def wakes_and_acknowledges_nothing(group, old):
    host, port = host_and_port(old)
    eventually("another primary", lambda: group.primary_node()["id"] != old["id"])
    # These wait in the stopped process's sockets and are read as soon as it wakes.
    waiting = []
    for number in range(10):
        one = socket.create_connection((host, port), timeout=5)
        one.sendall(b"SET woken%d yes\r\n" % number)
        waiting.append(one)
    os.kill(old["pid"], signal.SIGCONT)
    for one in waiting:
        one.settimeout(20)
        with one:
            try:
                answer = one.recv(100)
            except ConnectionError:
                answer = b""
        assert not answer.startswith(b"+OK"), "the woken primary acknowledged a write"


@case
def writes_resume_after_kill_9():
    under_a_writer(signal.SIGKILL)


@case
def writes_resume_after_kill_stop_and_the_woken_primary_acknowledges_nothing():
    under_a_writer(signal.SIGSTOP, "--set", "hung-after=10m")


@case
def a_planned_failover_loses_nothing():
    with Group() as group:
        name = group.view()["configuration_endpoint"]
        writer = Writer(group, name)
        writer.start()
        eventually("some writes", lambda: len(writer.confirmed) > 50)
        target = next(node for node in group.view()["nodes"] if not node["is_primary"])
        group.post("failover", target=target["name"])
        eventually("the target as primary", lambda: group.primary_node()["id"] == target["id"])
        group.available()
        count = len(writer.confirmed)
        eventually("more writes", lambda: len(writer.confirmed) > count + 50)
        writer.finish()
        print(f"      planned: {writer.longest_gap() * 1000:.0f} ms without an acknowledged write, "
              f"{len(writer.errors)} errors retried")
        kept = client(group, name, socket_timeout=5)
        lost = [number for _, number in writer.acknowledged if kept.get(f"n{number}") is None]
        assert not lost, f"{len(lost)} acknowledged writes are lost"


@case
def the_command_line_shows_and_acts():
    with Group() as group:
        run = lambda *words: subprocess.run(
            [BINARY, *words, "--api", group.api], capture_output=True, text=True, timeout=30
        )
        assert "my-replication-group" in run("status").stdout
        old = group.primary_node()
        moved = run("failover", "--to", "003")
        assert moved.returncode == 0, moved.stderr
        eventually("node 003 as primary", lambda: group.primary_node()["id"] == 3)
        group.available()
        assert run("kill", f"{old['id']:03}").returncode == 0
        eventually("another process", lambda: group.node(old["id"])["pid"] not in (old["pid"], None))
        group.available()
        assert "elected" in run("events").stdout
        bad = run("failover", "--to", "006")
        assert bad.returncode == 1 and "006" in bad.stderr, bad.stderr


@case
def ctrl_c_leaves_nothing():
    with Group() as group:
        nodes = group.view()["nodes"]
        group.process.send_signal(signal.SIGINT)
        assert group.process.wait(timeout=30) == 0
        for node in nodes:
            try:
                os.kill(node["pid"], 0)
                raise AssertionError(f"process {node['pid']} is left")
            except ProcessLookupError:
                pass


@case
def bad_input_is_told_and_starts_nothing():
    for arguments, says in (
        (["up", "/no/such/template.yaml"], "/no/such/template.yaml"),
        (["up", TEMPLATE, "--strict"], "MyCacheSecurityGroup"),
        (["up", TEMPLATE, "--set", "leese=2s"], "leese"),
    ):
        run = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30)
        assert run.returncode == 2 and says in run.stderr and " ready " not in run.stderr, run.stderr


def main():
    wanted = sys.argv[1:]
    passed = failed = 0
    for function in CASES:
        if wanted and function.__name__ not in wanted:
            continue
        began = time.monotonic()
        try:
            function()
            passed += 1
            print(f"ok    {function.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:  # One broken case must not hide the others.
            failed += 1
            traceback.print_exc(file=sys.stdout)
            print(f"FAILED {function.__name__}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Who can be reached, who is root, who can write, who has which secret."""

from checking.docker import PROJECT, SERVICES, compose, inside, inspected, run
from checking.told import expect

REACHES_A_STORE = """
import socket, sys
for name, port in (("postgres", 5432), ("valkey", 6379)):
    try:
        socket.create_connection((name, port), 3)
        sys.exit(f"{name} answers")
    except OSError:
        pass
"""
CROSSES = """
import psycopg, sys
own = open("/run/secrets/{service}_database_url").read()
for name in ("{other}", "postgres", "template1"):
    try:
        psycopg.connect(own.rpartition("/")[0] + "/" + name, connect_timeout=5)
        sys.exit(f"{{name}} lets it in")
    except psycopg.OperationalError as error:
        if "permission denied for database" not in str(error):
            sys.exit(type(error).__name__)
"""
ANONYMOUS = """
import redis, sys
try:
    redis.Redis("valkey").ping()
    sys.exit("it answers without a password")
except redis.AuthenticationError:
    pass
"""


def confinement(found):
    """All of it; `found` is what Docker says of the containers."""
    every = [(service, one) for service, ones in found.items() for one in ones]
    _published(every)
    _processes(every)
    _networks(found)
    _secrets()


def _published(every):
    bound = [
        (service, binding["HostIp"])
        for service, one in every
        for bindings in (one["HostConfig"]["PortBindings"] or {}).values()
        for binding in bindings
    ]
    expect(
        "only nginx publishes a port, on this machine's own address", bound == [("nginx", "127.0.0.1")], bound
    )


def _processes(every):
    roots = []
    for service, one in every:
        if one["State"]["Running"]:
            listed = run(f"docker top {one['Id']} -eo pid,uid,args").strip().split("\n")[1:]
            roots += [f"{service}: {line}" for line in listed if line.split()[1] == "0"]
    expect("no process is root", not roots, roots)
    for name, holds in (
        ("no process can gain rights", lambda host: "no-new-privileges:true" in (host["SecurityOpt"] or [])),
        ("every capability is dropped", lambda host: host["CapDrop"] == ["ALL"]),
        ("every root file system is read-only", lambda host: host["ReadonlyRootfs"]),
        ("every log has a limit", lambda host: host["LogConfig"]["Config"].get("max-size")),
    ):
        odd = [service for service, one in every if not holds(one["HostConfig"])]
        expect(name, not odd, odd)


def _networks(found):
    names = run("docker network ls --format {{.Name}}").split()
    mine = inspected("network", *[name for name in names if name.startswith(f"{PROJECT}_")])
    internal = {one["Name"] for one in mine if one["Internal"]}
    for store in ("postgres", "valkey"):
        joined = {name for one in found[store] for name in one["NetworkSettings"]["Networks"]}
        expect(f"{store} is in an internal network alone", joined and joined <= internal, joined)
    done = inside("sandbox", REACHES_A_STORE)
    expect("the stand-in carrier cannot reach the stores", done.returncode == 0, done.stderr)
    done = inside("reminders-web", ANONYMOUS)
    expect("Valkey wants its password", done.returncode == 0, done.stderr)


def _secrets():
    for service, other in (SERVICES, SERVICES[::-1]):
        for role in ("web", "worker", "clock", "backup"):
            held = compose(f"exec -T {service}-{role} ls /run/secrets").split()
            foreign = [name for name in held if name.startswith(other)]
            expect(f"{service}-{role} has no secret of {other}", held and not foreign, held)
        done = inside(f"{service}-web", CROSSES.format(service=service, other=other))
        expect(
            f"the login of {service} is refused by every other database", done.returncode == 0, done.stderr
        )

"""TLS at nginx, with deploy/tls.yml laid over."""

import http.client
import ssl

from checking.docker import SECRETS, TAG, compose, run, wait_until_well
from checking.told import expect

LAID = {"files": "docker-compose.yml:deploy/tls.yml", "HEED_LISTEN_TLS": "127.0.0.1:"}
# Printed: a certificate for this run alone, and its key.
CERTIFICATE = """
import datetime as d
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import ec
key, now = ec.generate_private_key(ec.SECP256R1()), d.datetime.now(d.UTC)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "deploy/check")])
names = x509.SubjectAlternativeName([x509.DNSName(f"{one}.localhost") for one in ("reminders", "consultation")])
made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - d.timedelta(1), now + d.timedelta(1), [])
made = made.add_extension(names, False).sign(key, hashes.SHA256())
print(made.public_bytes(s.Encoding.PEM).decode())
print(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode())
"""


def tls(_door):
    """The same names answer by TLS, under the certificate that was given, and the plain port is no longer published."""
    certificate, key = run(f"docker run --rm heed-web:{TAG} python -c", CERTIFICATE).split("\n\n", 1)
    for name, content in (("tls_certificate", certificate), ("tls_key", key)):
        (SECRETS / name).write_text(content.strip() + "\n")
        (SECRETS / name).chmod(0o444)
    compose("up -d --no-build --no-deps nginx", **LAID)
    wait_until_well()
    port = int(compose("port nginx 8443", **LAID).strip().rpartition(":")[2])
    believes = ssl.create_default_context(cafile=str(SECRETS / "tls_certificate"))
    for service in ("reminders", "consultation"):
        connection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=30, context=_named(believes, service)
        )
        connection.request("GET", "/healthz", headers={"Host": f"{service}.localhost"})
        spoken = connection.sock.version()
        status = connection.getresponse().status
        connection.close()
        expect(f"{service}: /healthz answers by {spoken}", status == 200 and spoken == "TLSv1.3", status)
    plain = compose("ps nginx --format {{.Ports}}", **LAID)
    expect("the plain port is published no more", "->8080" not in plain, plain)


def _named(context, service):
    """The context, asking for the name that the certificate must have though the address is this machine's."""
    wrap = context.wrap_socket
    context.wrap_socket = lambda sock, **options: wrap(
        sock, **options | {"server_hostname": f"{service}.localhost"}
    )
    return context

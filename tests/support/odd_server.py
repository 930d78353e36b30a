"""A server on loopback that answers what a real carrier must not: cut connections, rubbish, silence.

Everything is real TCP, so that the client's own errors are met, not imitations of them.
"""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path

Reply = Callable[[socket.socket], None]


def raw(answer: bytes) -> Reply:
    """Send these bytes and close."""
    return lambda client: client.sendall(answer)


def http(status: int, body: bytes | str = b"", *headers: str, kind: str = "application/json") -> Reply:
    """A well-formed HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Type: {kind}",
        f"Content-Length: {len(content)}",
        "Connection: close",
        *headers,
    ]
    return raw("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content)


def reset(client: socket.socket) -> None:
    """Cut the connection hard, without an answer (RST)."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(client: socket.socket) -> None:
    """Close politely, without an answer (FIN)."""


def silence(seconds: float) -> Reply:
    """Keep the connection open and say nothing."""
    return lambda client: (client.settimeout(seconds), contextlib.suppress(OSError), _wait(client))[-1]


def _wait(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        client.recv(1)  # returns when the client gives up


class OddServer:
    """Answers each request with the next reply, the last one for ever; keeps what it was sent."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, name="odd-server")
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                self.requests.append(read(client))
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                with contextlib.suppress(OSError):
                    reply(client)

    def stop(self) -> None:
        """Stop listening."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


def read(client: socket.socket) -> bytes:
    """One whole request: its head, and as many bytes of body as its head says."""
    client.settimeout(5)
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        more = client.recv(65536)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body


def tunnel(certificate: Path, answer: Reply, heard: list[bytes]) -> Reply:
    """As a proxy that opens the way, and TLS behind it: hear one request there, if one comes, and answer it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def reply(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(client, server_side=True) as secured:
            heard.append(read(secured))
            answer(secured)

    return reply

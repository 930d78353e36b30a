"""A mail server on loopback that takes letters and keeps them, or refuses them with a code."""

import socketserver
import threading
from email import message_from_bytes
from email.message import Message
from email.policy import default
from types import TracebackType


class MailSink:
    """Speaks as much SMTP as a client needs to hand over a letter."""

    def __init__(self, refuse: bytes | None = None) -> None:
        self.letters: list[Message] = []
        self.refuse = refuse
        sink = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 sink\r\n")
                while line := self.rfile.readline():
                    word = line.split()[0].upper()
                    if word == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        lines = []
                        while (line := self.rfile.readline()) != b".\r\n":
                            lines.append(line)
                        sink.letters.append(message_from_bytes(b"".join(lines), policy=default))
                    if word == b"MAIL" and sink.refuse:
                        self.wfile.write(sink.refuse + b" no\r\n")
                    else:
                        self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> "MailSink":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

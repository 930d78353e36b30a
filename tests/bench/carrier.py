"""A carrier that does nothing but wait and say 201: light, so that what is measured is ours. `python -m tests.bench.carrier`

prints its port and ends with its standard input. `POST …/Messages.json` is answered after the latency that `PUT /latency`
set. `GET /taken?body=…` tells `{"taken", "distinct" (pairs of number and words), "places": {body: place}}`.
"""

import asyncio
import json
import sys
from contextlib import suppress
from urllib.parse import parse_qs


class Carrier:
    """What was taken so far, in order."""

    def __init__(self) -> None:
        self.latency = 0.0
        self.texts: list[tuple[str, str]] = []  # (to, body)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept open for as long as its client likes."""
        with suppress(asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, path, _ = head.split(" ", 2)
                lengths = [line for line in head.lower().split("\r\n") if line.startswith("content-length:")]
                body = await reader.readexactly(int(lengths[0].split(":")[1]) if lengths else 0)
                status, answer = await self.answer(method, path, body.decode())
                said = json.dumps(answer).encode()
                writer.write(
                    b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                    % (status, len(said))
                    + said
                )
                await writer.drain()

    async def answer(self, method: str, path: str, body: str) -> tuple[int, object]:
        """The status and the JSON of one request."""
        if method == "PUT":
            self.latency, self.texts = float(body), []
            return 200, {}
        if path.startswith("/taken"):
            asked = set(parse_qs(path.partition("?")[2]).get("body", []))
            places = {one: place for place, (_, one) in enumerate(self.texts) if one in asked}
            return 200, {
                "taken": len(self.texts),
                "distinct": len(set(self.texts)),
                "places": places,
            }
        await asyncio.sleep(self.latency)
        form = parse_qs(body)
        self.texts.append((form["To"][0], form["Body"][0]))
        return 201, {"sid": f"SM{len(self.texts):032x}", "status": "queued"}


async def main() -> None:
    """Serve until standard input ends."""
    carrier = Carrier()
    server = await asyncio.start_server(carrier.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())

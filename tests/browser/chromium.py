"""One Chromium for many pages, told what to do over its own debugging pipe (Chrome DevTools Protocol): no driver, no port, no package.

It keeps what it asked for over the network, so that a test can say that nothing came from elsewhere.
"""

import base64
import contextlib
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
KEYS = {"Tab": 9, "Enter": 13, "ArrowDown": 40}
PATIENCE = 30.0  # seconds for one answer


class Chromium:
    """A browser with one page."""

    def __init__(self, program: str, profile: Path) -> None:
        # Chromium reads commands from descriptor 3 and answers on 4; each message ends with a zero byte.
        their_in, self._out = os.pipe()
        self._in, their_out = os.pipe()
        script = f'exec "$@" 3<&{their_in} 4>&{their_out}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", script, "chromium", program, *FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(their_in, their_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(their_in)
        os.close(their_out)
        os.set_blocking(self._in, False)
        self._left, self._number = b"", 0
        self._events: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.keys = 0  # pressed so far; a typed text and a chosen file count one each
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """One command to the page; its answer."""
        return self._call(method, self._session, **given)

    def open(self, url: str) -> int:
        """Load an address; the status that its document was answered with."""
        self._events.clear()
        answer = self.call("Page.navigate", url=url)
        assert "errorText" not in answer, f"{url}: {answer['errorText']}"
        return self._loaded()

    def click(self, selector: str) -> int:
        """Click what the selector finds, and wait for the page that it leads to."""
        self._events.clear()
        found = self.run(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            " if (!one) return false; setTimeout(() => one.click()); return true; })()"
        )
        assert found, f"nothing on the page is {selector}"
        return self._loaded()

    def press(self, *keys: str) -> None:
        """Press keys one after the other: "Tab", "Enter" or "ArrowDown"."""
        for key in keys:
            given = {
                "key": key,
                "windowsVirtualKeyCode": KEYS[key],
                "text": "\r" if key == "Enter" else "",
            }
            self.call("Input.dispatchKeyEvent", type="keyDown", **given)
            self.call("Input.dispatchKeyEvent", type="keyUp", **given)
            self.keys += 1

    def type(self, words: str) -> None:
        """Write words into the field that has the focus. A day is given as 2026-09-10: its field takes the parts in the machine's own order."""
        if self.run("document.activeElement.type") == "date":
            self.run(f"document.activeElement.value = {json.dumps(words)}")
        else:
            self.call("Input.insertText", text=words)
        self.keys += 1

    def choose(self, content: str) -> None:
        """Choose a file of this content in the field that has the focus, in place of the dialogue of the operating system."""
        self.run(
            f"""(() => {{ const files = new DataTransfer(); files.items.add(new File([{json.dumps(content)}], 'rows.csv'));
            document.activeElement.files = files.files; }})()"""
        )
        self.keys += 1

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def width(self, pixels: int, height: int = 900) -> None:
        """Make the page as wide as this many CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=pixels,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def picture(self, path: Path) -> None:
        """Write the whole page as a PNG."""
        path.write_bytes(self.shot())

    def shot(self, **more: Any) -> bytes:
        """The page, or a clip of it, as a PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True, **more)
        return base64.b64decode(shot["data"])

    def cookie(self, url: str, name: str, value: str) -> None:
        """Give the browser a cookie."""
        self.call("Network.setCookie", url=url, name=name, value=value, httpOnly=True)

    def forget(self) -> None:
        """Take every cookie away."""
        self.call("Network.clearBrowserCookies")

    def loaded(self) -> int:
        """Wait for the page that a key has led to."""
        return self._loaded()

    def expect(self) -> None:
        """From here on a new page is waited for by `loaded`."""
        self._events.clear()

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(OSError, AssertionError):
            self._call("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def _loaded(self) -> int:
        """Wait for the load of a page; the status of its document."""
        end = time.monotonic() + PATIENCE
        while not any(one["method"] == "Page.loadEventFired" for one in self._events):
            assert time.monotonic() < end, "the page did not load"
            self._read(end)
        documents = [
            one["params"]["response"]["status"]
            for one in self._events
            if one["method"] == "Network.responseReceived" and one["params"]["type"] == "Document"
        ]
        return int(documents[-1]) if documents else 0

    def _call(self, method: str, session: str | None = None, **given: Any) -> dict[str, Any]:
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": given} | (
            {"sessionId": session} if session else {}
        )
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        end = time.monotonic() + PATIENCE
        while True:
            answer = self._read(end)
            if answer and answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                found: dict[str, Any] = answer["result"]
                return found
            assert time.monotonic() < end, f"{method} was not answered"

    def _read(self, end: float) -> dict[str, Any] | None:
        """One message, if any is there; events are kept."""
        while b"\0" not in self._left:
            try:
                more = os.read(self._in, 1 << 20)
            except BlockingIOError:
                if time.monotonic() > end:
                    return None
                time.sleep(0.002)
                continue
            assert more, "Chromium has ended"
            self._left += more
        one, _, self._left = self._left.partition(b"\0")
        message: dict[str, Any] = json.loads(one)
        if "method" in message:
            self._events.append(message)
            if message["method"] == "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])
        return message

"""HTTP through nginx, the one published port, and the stand-in carrier's own controls, which are behind it."""

import html
import http.client
import json
import re
from urllib.parse import quote, urlencode

from checking.docker import compose, inside
from checking.told import Cannot


class Door:
    """The three names are told apart by the Host header, as a browser or a feed sends it."""

    def __init__(self):
        self.port, self.keys = 0, {}

    def open(self):
        """Find the port that nginx was given."""
        self.port = int(compose("port nginx 8080").strip().rpartition(":")[2])

    def ask(self, name, method, path, body=None, kind="application/json", key=None, **headers):
        """(status, headers, text). `key` None sends the service's own key, "" none."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        sent = {header.replace("_", "-"): value for header, value in headers.items()}
        sent["Host"] = f"{name}.localhost:{self.port}"
        key = self.keys.get(name) if key is None else key
        if key:
            sent["Authorization"] = f"Bearer {key}"
        if body is not None:
            sent["Content-Type"] = kind
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def get(self, name, path):
        """The JSON at a path. Raises Cannot where there is none."""
        status, _, text = self.ask(name, "GET", path)
        if status != 200:
            raise Cannot(f"GET {path} of {name}: {status} {text[:300]}")
        return json.loads(text)

    def form(self, name, path, fields, **headers):
        """Send a form, as a carrier's webhook or a handset's page does."""
        return self.ask(name, "POST", path, urlencode(fields), "application/x-www-form-urlencoded", **headers)

    def handset(self, number):
        """A handset's page and the texts on it, oldest first."""
        status, _, page = self.ask("sandbox", "GET", f"/handsets/{quote(number)}")
        shown = re.findall(r'<p class="body">(.*?)</p>', page, re.S) if status == 200 else []
        return page, [html.unescape(one) for one in shown]


def carrier(path):
    """What the stand-in carrier tells its own machine alone."""
    asked = f"import urllib.request as u;print(u.urlopen('http://127.0.0.1:8003{path}').read().decode())"
    done = inside("sandbox", asked)
    if done.returncode:
        raise Cannot(f"the carrier does not answer: {done.stderr[-300:]}")
    return json.loads(done.stdout)


def accepted():
    """The texts that the stand-in carrier has accepted."""
    return carrier("/sandbox/messages?direction=outbound-api")["messages"]

"""Files that pages give: a name for the disk, and nothing that a browser would open as a page of ours."""

from flask import Response


def as_file(content: bytes | str, name: str, kind: str = "text/csv") -> Response:
    """A download under this name."""
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer

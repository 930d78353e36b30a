"""Files that pages give: a name for the disk, and nothing that a browser would open as a page of ours."""

from flask import Response


def as_file(content: bytes | str, name: str, kind: str = "text/csv") -> Response:
    """A download under this name, which is ours and not a person's."""
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def as_picture(svg: str, name: str) -> Response:
    """A chart that a page shows: its own shapes carry their colours, and it may load and run nothing."""
    answer = as_file(svg, f"{name}.svg", "image/svg+xml")
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer

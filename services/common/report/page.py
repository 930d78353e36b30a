"""Pages that need nothing from elsewhere, made from a package's template. Pure."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def rendered(package: str, template: str, /, **values: Any) -> str:
    """A page; everything in it is escaped, and a value that is not given is an error."""
    return _environment(package).get_template(template).render(**values)


@cache
def _environment(package: str) -> Environment:
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

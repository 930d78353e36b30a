"""`/docs`: the OpenAPI document as a page that needs no script and nothing from elsewhere."""

from typing import Any

from flask import Blueprint, current_app, render_template
from markupsafe import Markup

from services.common.web.auth import open_to_all

blueprint = Blueprint(
    "api_page", __name__, template_folder="templates", static_folder="static", static_url_path="/docs/static"
)
METHODS = ("get", "post", "put", "patch", "delete")


@blueprint.get("/docs")
@open_to_all("describes the calls; holds no data")
def docs() -> str:
    """Every call of this service: what it takes, what it answers, which scope it needs."""
    spec: dict[str, Any] = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    calls = [
        {"method": method.upper(), "path": path, **operation, "scope": scopes().get((path, method.upper()))}
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    return render_template(
        "api.html", spec=spec, calls=calls, schemas=spec.get("components", {}).get("schemas", {})
    )


def scopes() -> dict[tuple[str, str], str]:
    """(path in OpenAPI's writing, method) → the scope that its view requires."""
    found = {}
    for rule in current_app.url_map.iter_rules():
        scope = getattr(current_app.view_functions[rule.endpoint], "heed_scope", None)
        path = "".join(f"{{{part}}}" if dynamic else part for dynamic, part in rule._trace).lstrip("|")
        for method in rule.methods or ():
            if scope:
                found[path, method] = scope
    return found


@blueprint.app_template_filter("type_of")
def type_of(schema: dict[str, Any]) -> Markup | str:
    """A property's type in a few words, with a link where it is a schema of its own."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if schema.get("type") == "array":
        return Markup("list of {}").format(type_of(schema.get("items", {})))
    words = schema.get("type", "any")
    return ", ".join(words) if isinstance(words, list) else str(words)

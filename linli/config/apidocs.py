"""The API's documentation as a page of ours: read from OpenAPI at each visit, no script, prints well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.config.api import api


@dataclass(frozen=True)
class Operation:
    """One row of the page."""

    method: str
    path: str
    about: str
    parameters: list[dict[str, Any]]
    body: list[dict[str, Any]]
    answers: list[str]
    anchor: str


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(_type(s) for s in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(e) for e in schema["enum"])
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "any")


def _body(operation: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    content: dict[str, dict[str, Any]] = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((form.get("schema", {}) for form in content.values()), {})
    if "$ref" in schema:
        schema = schemas.get(str(schema["$ref"]).rpartition("/")[2], {})
    needed = set(schema.get("required", []))
    return [
        {"name": name, "type": _type(field), "required": name in needed}
        for name, field in schema.get("properties", {}).items()
    ]


def operations() -> dict[str, list[Operation]]:
    """Operations by tag, in the order of the schema."""
    schema = api.get_openapi_schema()
    schemas = schema.get("components", {}).get("schemas", {})
    out: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            row = Operation(
                method=method.upper(),
                path=path,
                about=operation.get("description", "") or operation.get("summary", ""),
                parameters=[
                    {"name": p["name"], "type": _type(p.get("schema", {})), "required": p.get("required", False)}
                    for p in operation.get("parameters", [])
                ],
                body=_body(operation, schemas),
                answers=[str(code) for code in operation.get("responses", {})],
                anchor=operation.get("operationId", ""),
            )
            out.setdefault((operation.get("tags") or ["other"])[0], []).append(row)
    return out


def page(request: HttpRequest) -> HttpResponse:
    """``/api/v1/docs``."""
    return render(request, "config/apidocs.html", {"groups": operations()})

#!/usr/bin/env python3
"""Condenses upstream's OpenAPI v2 document to patch_schema.txt. See README.md.

usage: generate.py swagger.json > patch_schema.txt
"""

import json
import sys

PREFIXES = {
    "io.k8s.api.": "",
    "io.k8s.apimachinery.pkg.apis.": "",
    "io.k8s.apimachinery.pkg.": "",
    "io.k8s.apiextensions-apiserver.pkg.apis.": "",
    "io.k8s.kube-aggregator.pkg.apis.": "",
}


def short(name):
    for prefix, replacement in PREFIXES.items():
        if name.startswith(prefix):
            return replacement + name[len(prefix):]
    return name


def target(schema):
    ref = schema.get("$ref")
    return short(ref.removeprefix("#/definitions/")) if ref else None


def fields(definition, definitions):
    """The fields that hold a map or a list; a field of any other type is never looked up."""
    for name, schema in sorted(definition.get("properties", {}).items()):
        if schema.get("type") == "array":
            yield name, "[]", target(schema["items"]), schema
        elif target(schema):
            if definitions.get(target(schema), {}).get("type") != "object":
                continue
            yield name, "", target(schema), schema
        elif schema.get("type") == "object":
            yield name, "{}", target(schema.get("additionalProperties", {})), schema


def notes(schema):
    """Patch strategy and merge key, list type and list keys, map type: what the kinds have of them."""
    found = []
    if strategy := schema.get("x-kubernetes-patch-strategy"):
        found.append("patch=" + strategy)
    if key := schema.get("x-kubernetes-patch-merge-key"):
        found.append("key=" + key)
    if list_type := schema.get("x-kubernetes-list-type"):
        keys = schema.get("x-kubernetes-list-map-keys", [])
        found.append("list=" + ":".join([list_type, *keys]))
    if map_type := schema.get("x-kubernetes-map-type"):
        found.append("map=" + map_type)
    return found


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        definitions = {short(k): v for k, v in json.load(file)["definitions"].items()}
    kinds = {}
    for name, definition in definitions.items():
        properties = definition.get("properties", {})
        group_kinds = definition.get("x-kubernetes-group-version-kind", [])
        if len(group_kinds) == 1 and "metadata" in properties and "items" not in properties:
            gvk = group_kinds[0]
            kinds[name] = "/".join(part for part in (gvk["group"], gvk["version"], gvk["kind"]) if part)
    # Only what the kinds reach, and of that only what has fields of its own.
    has_fields = {name for name, d in definitions.items() if any(fields(d, definitions))}
    reached, todo = set(), list(kinds)
    while todo:
        name = todo.pop()
        if name in reached or name not in has_fields:
            continue
        reached.add(name)
        todo.extend(to for _, _, to, _ in fields(definitions[name], definitions) if to)
    for name in sorted(reached):
        print(" ".join(["@" + name, *([kinds[name]] if name in kinds else []), *notes(definitions[name])]))
        for field, shape, to, schema in fields(definitions[name], definitions):
            inherited = notes(definitions[to]) if to and not shape and to in definitions else []
            type_name = to if to in reached else ""
            print(" ".join([field, (shape + type_name) or "-", *notes(schema), *inherited]))


main()

"""IMS content packages: the zip and its manifest, in which QTI travels."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from coach.packs.archive import zipped
from coach.packs.showing import one_line

CONTENT = "http://www.imsglobal.org/xsd/imscp_v1p1"
MANIFEST = ElementMaker(namespace=CONTENT, nsmap={None: CONTENT})


@dataclass(frozen=True, slots=True)
class Resource:
    """One file of the package, its type as the QTI binding names it, and the resources it needs."""

    identifier: str
    type: str
    href: str
    needs: Sequence[str] = ()


def packed(schema: tuple[str, str], title: str, resources: Sequence[Resource], files: Mapping[str, bytes]) -> bytes:
    """The zip, its manifest first. `schema` is the name and version that the manifest gives."""
    made = MANIFEST.manifest(
        MANIFEST.metadata(MANIFEST.schema(schema[0]), MANIFEST.schemaversion(schema[1])),
        MANIFEST.organizations(),
        MANIFEST.resources(*map(_resource, resources)),
        identifier=f"{pack_id(title)}-manifest",
    )
    return zipped({"imsmanifest.xml": xml(made), **files})


def pack_id(title: str) -> str:
    """The same for packs of the same title, so that a platform that updates knows the pack again."""
    return f"pack-{hashlib.sha256(one_line(title).encode()).hexdigest()[:12]}"


def xml(element: Any) -> bytes:
    """The element as a document."""
    return bytes(etree.tostring(element, xml_declaration=True, encoding="UTF-8"))


def _resource(resource: Resource) -> Any:
    needed = [MANIFEST.dependency(identifierref=one) for one in resource.needs]
    return MANIFEST.resource(
        MANIFEST.file(href=resource.href),
        *needed,
        identifier=resource.identifier,
        type=resource.type,
        href=resource.href,
    )

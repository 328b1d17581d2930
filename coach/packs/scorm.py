"""SCORM 1.2: a package that any learning platform takes, with the page of page.py as its one part.

The page tells the platform that it was begun and that every item was worked through ("completed"), and keeps which
items were done (cmi.suspend_data) so that a learner can go on later. It never reports a score or an answer. Without a
platform it works as a page. The manifest follows ADL's Content Aggregation Model 1.2; the schema files themselves,
which platforms do not ask for, are not in the package.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from coach.items import Item
from coach.packs.archive import write_whole, zipped
from coach.packs.page import page
from coach.packs.showing import one_line

EXTENSION = ".zip"
PACKAGING = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
SCORM = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMAS = f"{PACKAGING} imscp_rootv1p1p2.xsd {SCORM} adlcp_rootv1p2.xsd"
PAGE = "index.html"


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """A zip with imsmanifest.xml and index.html."""
    content = page(items, title, scripts=["scorm.js", "page.js"]).encode()
    write_whole(path, zipped({"imsmanifest.xml": _manifest(one_line(title)), PAGE: content}))


def _manifest(title: str) -> bytes:
    identifier = "coach-" + hashlib.sha256(title.encode()).hexdigest()[:12]
    names = {None: PACKAGING, "adlcp": SCORM, "xsi": INSTANCE}
    root = etree.Element(f"{{{PACKAGING}}}manifest", nsmap=names, identifier=identifier, version="1.0")
    root.set(f"{{{INSTANCE}}}schemaLocation", SCHEMAS)
    metadata = _add(root, "metadata")
    _add(metadata, "schema").text = "ADL SCORM"
    _add(metadata, "schemaversion").text = "1.2"
    organizations = _add(root, "organizations", default="pack")
    organization = _add(organizations, "organization", identifier="pack")
    _add(organization, "title").text = title
    item = _add(organization, "item", identifier="exercises", identifierref="page", isvisible="true")
    _add(item, "title").text = title
    resource = _add(_add(root, "resources"), "resource", identifier="page", type="webcontent", href=PAGE)
    resource.set(f"{{{SCORM}}}scormtype", "sco")
    _add(resource, "file", href=PAGE)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{PACKAGING}}}{name}", attrib=attributes)

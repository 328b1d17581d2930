"""A SCORM 1.2 package read as a platform does: the rules of ADL's Content Aggregation Model 1.2 for the manifest.

Rules checked by hand, as the schema files may not travel with this project: which elements follow which, what must
have which attribute, and that references lead somewhere. (The manifest was also validated once with ADL's and IMS's own
schemas, and the page driven once in a browser against a run-time for SCORM 1.2.)
"""

import zipfile
from pathlib import Path

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pack_items import ITEMS

from coach.packs import page, scorm

CP = "{http://www.imsproject.org/xsd/imscp_rootv1p1p2}"
ADL = "{http://www.adlnet.org/xsd/adlcp_rootv1p2}"
CHILDREN = {
    "manifest": ["metadata", "organizations", "resources"],
    "metadata": ["schema", "schemaversion"],
    "organizations": ["organization"],
    "organization": ["title", "item"],
    "item": ["title"],
    "resources": ["resource"],
    "resource": ["file"],
}
DATA_MODEL = {"cmi.core.lesson_status", "cmi.core.exit", "cmi.suspend_data"}


def package(path: Path, title: str = "Pack") -> dict[str, bytes]:
    scorm.write(ITEMS, title, path / "pack.zip")
    with zipfile.ZipFile(path / "pack.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_manifest_keeps_the_rules_of_content_packaging(tmp_path: Path) -> None:
    files = package(tmp_path)
    assert set(files) == {"imsmanifest.xml", "index.html"}
    root = etree.fromstring(files["imsmanifest.xml"])
    for element in root.iter():
        name = etree.QName(element).localname
        assert element.tag == CP + name
        assert [etree.QName(child).localname for child in element] == CHILDREN.get(name, [])
    assert root.get("identifier")
    assert root.get("version") == "1.0"
    assert root.findtext(f"{CP}metadata/{CP}schema") == "ADL SCORM"
    assert root.findtext(f"{CP}metadata/{CP}schemaversion") == "1.2"
    organizations = root.find(f"{CP}organizations")
    assert organizations.get("default") == organizations.find(f"{CP}organization").get("identifier")
    resource = root.find(f"{CP}resources/{CP}resource")
    assert root.find(f".//{CP}item").get("identifierref") == resource.get("identifier")
    assert (resource.get("type"), resource.get(f"{ADL}scormtype")) == ("webcontent", "sco")
    assert resource.get("href") == resource.find(f"{CP}file").get("href")
    assert resource.get("href") in files
    identifiers = [element.get("identifier") for element in root.iter() if element.get("identifier")]
    assert len(set(identifiers)) == len(identifiers)
    assert all(etree.QName(identifier).localname == identifier for identifier in identifiers), "an XML ID"


@settings(max_examples=30)
@given(st.one_of(st.sampled_from(hostile.TEXTS), st.text(max_size=400)))
def test_any_title_is_a_title(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    root = etree.fromstring(package(tmp_path_factory.mktemp("p"), title)["imsmanifest.xml"])
    shown = {element.text for element in root.iter(f"{CP}title")}
    assert len(shown) == 1
    assert 0 < len(shown.pop()) <= 200


def test_the_page_reports_completion_and_nothing_about_the_person(tmp_path: Path) -> None:
    text = package(tmp_path)["index.html"].decode()
    script = text[text.index("<script>") :]
    assert {word for word in DATA_MODEL if word in script} == DATA_MODEL
    assert script.count("cmi.") == sum(script.count(word) for word in DATA_MODEL)
    for call in ("LMSInitialize", "LMSGetValue", "LMSSetValue", "LMSCommit", "LMSFinish"):
        assert f"{call}(" in script
    assert "score" not in script


def test_the_page_is_the_offline_page_and_the_platform_s_script(tmp_path: Path) -> None:
    page.write(ITEMS, "Pack", tmp_path / "pack.html")
    plain, packed = (tmp_path / "pack.html").read_text(), package(tmp_path)["index.html"].decode()
    assert plain.split("<h1")[1].split("<script>")[0] == packed.split("<h1")[1].split("<script>")[0]
    assert packed.count("<script>") == plain.count("<script>") + 1

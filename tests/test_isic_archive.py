"""The ISIC Archive: diagnoses and classes, searches, the choice of pictures, and its folders."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from isic_metadata.diagnosis_hierarchical import DiagnosisEnum

from lesionlab.data.isic_archive import diagnoses, downloaded, plan, search, session
from lesionlab.data.isic_archive.plan import Wanted, make_plan, read_plan, write_plan
from lesionlab.data.isic_archive.session import NoAnswer, Patience
from lesionlab.diagnoses import CLASS_SETS
from lesionlab.errors import Cancelled, DataError

sys.path.insert(0, str(Path(__file__).parent))
from isic_archive_server import Archive, Fault, serving

ALL = ("CC-0", "CC-BY", "CC-BY-NC")


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """An archive on this machine: 12 melanomas, 9 nevi, 4 vascular lesions, and others."""
    monkeypatch.setattr(session, "FIRST_WAIT", 0.01)
    found = Archive(page=5)
    found.add("mel", 12)
    found.add("nv", 6, "CC-BY", attribution="Hospital B")
    found.add("nv", 3, "CC-BY-NC")
    found.add("vasc", 4)
    found.add("mel", 2, kind="clinical: close-up")
    found.add("metastasis", 2)
    found.add("mel", 1, kind="RCM: tile")
    with serving(found):
        monkeypatch.setenv("LESIONLAB_ISIC_URL", found.url)
        yield found


def test_every_name_is_one_of_the_archives_own() -> None:
    known = {
        (level, name)
        for diagnosis in DiagnosisEnum
        for level, name in enumerate(DiagnosisEnum.levels(diagnosis), 1)
    }
    ours = {key for keys in diagnoses.NAMES.values() for key in keys}
    assert ours <= known
    assert set(diagnoses.LEFT_OUT) <= known
    assert not ours & set(diagnoses.LEFT_OUT)
    assert set(diagnoses.CODES) == set(diagnoses.NAMES) == set(CLASS_SETS["isic9"])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Nevus, NOS, Junctional", "nv"),
        ("Blue nevus, Cellular", "nv"),
        ("Melanoma in situ, Lentigo maligna type", "mel"),
        ("Melanoma metastasis", None),
        ("Actinic keratosis, Bowenoid", "ak"),
        ("Squamous cell carcinoma in situ, Bowens disease", "scc"),
        ("Keratoacanthoma", None),
        ("Seborrheic keratosis, Clonal", "bkl"),
        ("Solar lentigo", "bkl"),
        ("Lentigo simplex", None),
        ("Hemangioma, Cherry", "vasc"),
        ("Angiosarcoma cutaneous", None),
        ("Dermatofibroma, Cellular", "df"),
        ("Basal cell carcinoma, Superficial", "bcc"),
        ("Atypical Spitz tumor", None),
        ("Merkel cell carcinoma", "unk"),
        ("Scar", "unk"),
    ],
)
def test_a_diagnosis_becomes_a_class(name: str, code: str | None) -> None:
    (found,) = (d for d in DiagnosisEnum if d.value.rsplit(":")[-1] == name)
    assert diagnoses.code_of(DiagnosisEnum.levels(found)) == code


def test_nothing_malignant_becomes_a_benign_class_and_the_other_way_round() -> None:
    for found in DiagnosisEnum:
        levels = DiagnosisEnum.levels(found)
        code = diagnoses.code_of(levels)
        if code in ("nv", "bkl", "df", "vasc"):
            assert levels[0] == "Benign", levels
        if code in ("mel", "bcc", "scc"):
            assert levels[0] == "Malignant", levels


def test_a_query() -> None:
    assert search.query_for("nv", ["CC-0"]) == (
        '(image_type:"dermoscopic") AND (diagnosis_3:"Nevus") AND (copyright_license:"CC-0")'
    )
    assert search.query_for("vasc", ["CC-0", "CC-BY"], dermoscopic=False) == (
        '(image_type:"dermoscopic" OR image_type:"clinical: close-up" OR '
        'image_type:"clinical: overview") AND '
        '(diagnosis_2:"Benign soft tissue proliferations - Vascular" OR '
        'diagnosis_2:"Hemorrhagic lesions") AND '
        '(copyright_license:"CC-0" OR copyright_license:"CC-BY")'
    )
    assert max(len(search.query_for(code, ALL)) for code in diagnoses.CODES) < 1500


def test_how_much_there_is(archive: Archive) -> None:
    found = search.stocks(("mel", "nv", "bcc"), ALL)
    assert [found[code].num_images for code in ("mel", "nv", "bcc")] == [12, 9, 0]
    sizes = [len(archive.files[i]) for i in archive.find('diagnosis_3:"Nevus"')]
    assert found["nv"].num_bytes == sum(sizes)
    assert found["nv"].bytes_of(3) == round(sum(sizes) / 9 * 3)
    assert found["nv"].bytes_of(100) == sum(sizes)
    assert found["bcc"].bytes_of(5) == 0
    assert search.stocks(("nv",), ["CC-BY"])["nv"].num_images == 6
    assert search.stocks(("mel",), ALL, dermoscopic=False)["mel"].num_images == 14


def test_an_archive_that_tells_no_sizes(archive: Archive) -> None:
    archive.always["search/size"] = Fault(404)
    assert search.stocks(("nv",), ALL) == {"nv": search.Stock(9, None)}
    assert search.Stock(9, None).bytes_of(3) is None


def test_pages_come_through_errors(archive: Archive) -> None:
    query = search.query_for("mel", ALL)
    archive.once["cursor="] = [Fault(500), Fault(cut_after=20), Fault(429)]
    found = [image.isic_id for image in search.images(query, Patience())]
    assert found == archive.find(query)
    assert len(found) == 12
    # Pages of five: three requests, and three more for what went wrong.
    assert len(archive.requests("search/?")) == 6


def test_pages_that_lead_in_a_circle(archive: Archive) -> None:
    query = search.query_for("mel", ALL)
    again = archive.url + "images/search/?cursor=MA%3D%3D"
    body = json.dumps({"count": 3, "next": again, "previous": None, "results": []}).encode()
    archive.always["search/?"] = Fault(body=body)
    with pytest.raises(DataError, match="the same page once more"):
        list(search.images(query, Patience()))


def test_the_longest_wait_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several threads share it: what one of them was told holds for all."""
    patience = Patience(attempts=1)
    monkeypatch.setattr(patience, "_wait_until", lambda moment: None)

    def busy(wait: float) -> float:
        def send() -> None:
            raise session.Busy(429, wait)

        with pytest.raises(NoAnswer):
            patience.ask(send)
        return patience._quiet_until

    long = busy(session.LONGEST_WAIT)
    assert busy(1) == long


def test_retry_after_is_obeyed(archive: Archive) -> None:
    archive.once["search/?"] = [Fault(429, retry_after=1)]
    search.stock_of(search.query_for("nv", ALL), Patience())
    first, second = archive.requests("search/?")
    assert second - first >= 1


def test_an_archive_that_is_away(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.always["search"] = Fault(503)
    with pytest.raises(NoAnswer, match=r"could not be reached.*127\.0\.0\.1.*status 503"):
        search.stocks(diagnoses.CODES, ALL, patience=Patience(attempts=2))
    monkeypatch.setenv("LESIONLAB_ISIC_URL", "http://127.0.0.1:1/api/v2/")
    with pytest.raises(NoAnswer, match="no connection"):
        search.stocks(("nv",), ALL, patience=Patience(attempts=1))


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"count": "many"}', b"null"])
def test_answers_that_make_no_sense(archive: Archive, body: bytes) -> None:
    archive.always["search/?"] = Fault(body=body)
    with pytest.raises(DataError, match="answer of the ISIC Archive that can be read"):
        search.stock_of(search.query_for("nv", ALL), Patience())
    with pytest.raises(DataError, match="that can be read"):
        list(search.images(search.query_for("nv", ALL), Patience()))


@pytest.mark.parametrize(
    "change",
    [
        {"isic_id": "../../etc/passwd"},
        {"files": {}},
        {"metadata": None},
        {"files": {"full": {"url": "file:///etc/passwd"}}},
    ],
)
def test_records_that_cannot_be_used(archive: Archive, change: dict[str, object]) -> None:
    whole = archive.told("ISIC_0000001")
    image = search.read_record(whole)
    assert image is not None
    assert (image.code, image.file_name, image.licence) == ("mel", "ISIC_0000001.jpg", "CC-0")
    assert search.read_record(whole | change) is None


def test_pictures_come_over_a_safe_way(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    told = archive.told("ISIC_0000001")
    assert search.read_record(told) is not None
    monkeypatch.delenv("LESIONLAB_ISIC_URL")
    assert session.archive_url() == "https://api.isic-archive.com/api/v2/"
    assert search.read_record(told) is None, "never http where the archive speaks https"


def test_the_choice_is_the_same_each_time(archive: Archive) -> None:
    wanted = Wanted(per_class={"mel": 5, "nv": 20})
    first = make_plan(wanted, Patience(), lambda share, words: None)
    assert first == make_plan(wanted, Patience(), lambda share, words: None)
    other = make_plan(wanted.model_copy(update={"seed": 1}), Patience(), lambda *_: None)
    ids = [image.isic_id for image in first.images["mel"]]
    assert sorted(ids) == archive.find(search.query_for("mel", ALL))
    assert ids not in ([image.isic_id for image in other.images["mel"]], sorted(ids))
    assert first.counts() == {"mel": 5, "nv": 9}
    assert first.num_bytes == sum(
        len(archive.files[image.isic_id])
        for code, number in first.counts().items()
        for image in first.images[code][:number]
    )
    (sentence,) = first.too_few()
    assert sentence.startswith("NV: 9 in place of 20")


def test_of_a_large_class_a_sample_is_drawn_without_listing_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "LISTED_WHOLE", 20)
    monkeypatch.setattr(plan, "PAGE", 10)
    monkeypatch.setattr(plan, "spares", lambda number: 0)
    archive.page = 100
    archive.add("bcc", 400)
    wanted = Wanted(per_class={"bcc": 40})
    archive.asked.clear()
    found = make_plan(wanted, Patience(), lambda *_: None)
    ids = [image.isic_id for image in found.images["bcc"]]
    assert len(ids) == len(set(ids)) == 40
    # Two digits leave four of four hundred on a page; two requests told how many there are.
    assert len(archive.requests("search/")) == 2 + 10
    assert len({i[-2:] for i in ids}) == 10
    assert found == make_plan(wanted, Patience(), lambda *_: None)
    # An archive that finds nothing by the endings of ids: its own order.
    archive.always["isic_id"] = Fault(body=b'{"results": [], "next": null, "count": 0}')
    found = make_plan(wanted, Patience(), lambda *_: None)
    assert [i.isic_id for i in found.images["bcc"]] == archive.find(
        'diagnosis_3:"Basal cell carcinoma"'
    )[:40]


def test_what_the_archive_says_last_counts(archive: Archive) -> None:
    told = Archive.told

    def changed(self: Archive, isic_id: str) -> dict[str, object]:
        record = told(self, isic_id)
        if isic_id == "ISIC_0000001":
            record["copyright_license"] = "all rights reserved"
        return record

    archive.told = changed.__get__(archive)  # type: ignore[method-assign]
    found = make_plan(Wanted(per_class={"mel": 12}), Patience(), lambda *_: None)
    assert "ISIC_0000001" not in {image.isic_id for image in found.images["mel"]}
    assert found.counts() == {"mel": 11}


def test_nothing_of_what_is_wanted(archive: Archive) -> None:
    with pytest.raises(DataError, match="It has none"):
        make_plan(Wanted(per_class={"bcc": 3}), Patience(), lambda *_: None)


def test_a_plan_is_kept(archive: Archive, tmp_path: Path) -> None:
    wanted = Wanted(per_class={"mel": 3})
    found = make_plan(wanted, Patience(), lambda *_: None)
    write_plan(found, tmp_path)
    assert read_plan(tmp_path, wanted) == found
    assert read_plan(tmp_path, Wanted(per_class={"mel": 4})) is None
    assert read_plan(tmp_path / "elsewhere", wanted) is None


def test_the_folder_of_isic_cli_is_read(archive: Archive, tmp_path: Path) -> None:
    """A folder as `isic image download` writes it: pictures and metadata.csv."""
    names = ["ISIC_0000001", "ISIC_0000013", "ISIC_0000014", "ISIC_0000028"]
    rows = []
    for name in names:
        record = archive.told(name)
        (tmp_path / f"{name}.jpg").write_bytes(archive.files[name])
        rows.append(
            {key: record[key] for key in ("isic_id", "attribution", "copyright_license")}
            | record["metadata"]["acquisition"]
            | record["metadata"]["clinical"]
        )
    rows.append(rows[0] | {"isic_id": "ISIC_9999999"})
    with (tmp_path / "metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, sorted({name for row in rows for name in row}))
        writer.writeheader()
        writer.writerows(rows)
    found = downloaded.read(tmp_path)
    table = found.table.set_index("image_id")
    assert list(table["diagnosis"]) == ["mel", "nv", "nv"]
    one = table.loc["ISIC_0000013"]
    assert (one["age"], one["sex"], one["site"]) == (33, "female", "anterior torso")
    assert (one["lesion_id"], one["patient_id"]) == ("IL_0000006", "IP_0000003")
    assert (one["confirmed_by"], one["source"]) == ("histopathology", "ISIC Archive")
    assert (one["licence"], one["attribution"]) == ("CC-BY", "Hospital B")
    assert (one["diagnosis_3"], one["diagnosis_4"]) == ("Nevus", "Nevus, Spitz")
    assert found.licence == "CC-BY, CC-0"
    assert found.citation.endswith("given by: Hospital B; Department of Dermatology, Somewhere.")
    assert found.left_out == [
        "1 picture named in the table but not there: ISIC_9999999.",
        "1 picture with a diagnosis of none of our classes: ISIC_0000028.",
    ]


def test_folders_that_are_something_else(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Expected metadata\.csv"):
        downloaded.read(tmp_path)
    (tmp_path / "metadata.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="isic_id"):
        downloaded.read(tmp_path)


def test_reading_the_table_of_classes_loads_nothing_of_isic_cli() -> None:
    """What pages and `lesionlab --help` import stays cheap; isic-cli costs a third of a second."""
    code = (
        "import sys, lesionlab.cli, lesionlab.data.sources.kinds\n"
        "import lesionlab.app.data.downloading\n"
        "print({'isic_cli', 'requests', 'sentry_sdk'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


def test_waiting_ends_when_it_is_told_to() -> None:
    patience = Patience()
    patience.stop.set()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        patience.ask(lambda: None)
    assert time.monotonic() - start < 5

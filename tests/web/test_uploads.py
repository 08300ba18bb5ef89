"""Files with answers: taken by what they are, counted, kept out of sight, handed out to those who may see them."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from httpx2 import Response
from sqlmodel import select

from models import Attachment, StatusReport
from models.database import read
from settings import load_settings
from tests.web.office import TODAY, UPCOMING, WebOffice, fields, on_sqlite
from web.app import make_app
from web.uploads import UploadError, check_upload, clean_name, kind_of

PHOTO = b"\xff\xd8\xff\xe0" + b"photo" * 100
PDF = b"%PDF-1.7\n" + b"page" * 50


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return packed.getvalue()


HWPX = zipped(mimetype=b"application/hwp+zip", Contents__header_dot_xml=b"<x/>")
DOCX = zipped(word__document_dot_xml=b"<x/>")
MACROS = zipped(word__document_dot_xml=b"<x/>", word__vbaProject_dot_bin=b"evil")


def send(office: WebOffice, which: int, *files: tuple[str, bytes], kind: str = "done", tap: bool = False) -> Response:
    """The form of the link with one item answered, as a browser sends it; by its one button where that is tapped."""
    client, path = office.client(), f"/a/{office.token}"
    item = office.milestones[which]
    form = fields(client.get(path).text) | ({"once": f"{kind}-{item}"} if tap else {f"kind-{item}": kind})
    form = {name: value for name, value in form.items() if not name.startswith("files-")}
    parts = [(f"files-{item}", (name, content)) for name, content in files]
    empty = [(f"files-{one}", ("", b"")) for one in office.milestones if one != item]
    return client.post(path, data=form, files=[*parts, *empty])


def attachments(office: WebOffice) -> list[Attachment]:
    with read(office.engine) as session:
        return list(session.exec(select(Attachment).order_by(Attachment.name)).all())


def on_disk(office: WebOffice) -> list[Path]:
    return [path for path in office.settings.files.rglob("*") if path.is_file()]


def test_files_come_with_the_answer_under_random_names_and_go_back_as_downloads(office: WebOffice) -> None:
    sent = send(office, UPCOMING, ("C:\\사진\\현장.JPG", PHOTO), ("보고.pdf", PDF))
    assert sent.status_code == 303, sent.text
    receipt = office.client().get(sent.headers["location"]).text
    assert "현장.JPG" in receipt
    assert "보고.pdf" in receipt
    kept = attachments(office)
    assert sorted(path.name for path in on_disk(office)) == sorted(one.stored_as for one in kept)
    assert all("현장" not in path.name and path.stat().st_mode & 0o077 == 0 for path in on_disk(office))
    photo = next(one for one in kept if one.media_type == "image/jpeg")
    for client, path in ((office.admin(), "/files"), (office.client(), f"/a/{office.token}/files")):
        got = client.get(f"{path}/{photo.id}")
        assert got.content == PHOTO
        assert got.headers["content-disposition"].startswith("attachment")
        assert got.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in got.headers["content-security-policy"]


def test_a_file_is_not_handed_to_another_post_or_a_stranger(office: WebOffice) -> None:
    send(office, UPCOMING, ("현장.jpg", PHOTO))
    number = attachments(office)[0].id
    from models.database import write
    from notifications.links import make_link
    from tests.web.office import NOW

    with write(office.engine) as session:
        other = make_link(session, office.other_post, office.failed, NOW, office.settings).rpartition("/")[2]
    assert office.client().get(f"/a/{other}/files/{number}").status_code == 404
    assert office.client().get(f"/a/made-up/files/{number}").status_code == 404
    assert office.client().get(f"/files/{number}").status_code == 403


@on_sqlite
@pytest.mark.parametrize(
    ("file", "words"),
    [
        (("virus.jpg", b"MZ\x90\x00 this program"), "종류"),
        (("문서.docx", MACROS), "종류"),
        (("빈 파일.pdf", b""), "빈 파일"),
        (("큰 사진.jpg", PHOTO * 300), "까지 붙일 수 있습니다"),
    ],
)
def test_a_file_that_cannot_be_taken_marks_its_field_and_nothing_is_kept(
    office: WebOffice, file: tuple[str, bytes], words: str
) -> None:
    office.settings = replace(office.settings, upload_mb=0.1)
    office.app = make_app(office.settings, office.engine, office.clock)
    refused = send(office, UPCOMING, ("현장.jpg", PHOTO), file, kind="on_track")
    assert refused.status_code == 422
    item = office.milestones[UPCOMING]
    assert words in refused.text.partition(f'id="e-files-{item}"')[2].partition("</p>")[0]
    assert 'aria-invalid="true"' in refused.text.partition(f'id="files-{item}"')[2].partition(">")[0]
    assert "파일은 다시 골라 주세요" in refused.text
    assert 'value="on_track" checked' in refused.text
    assert (attachments(office), on_disk(office), office.count(StatusReport)) == ([], [], 0)


def test_more_files_than_allowed_are_refused_also_when_they_come_one_by_one(office: WebOffice) -> None:
    six = [(f"{number}.jpg", PHOTO + bytes([number])) for number in range(6)]
    assert "5개까지" in send(office, UPCOMING, *six).text
    assert send(office, UPCOMING, *six[:4], kind="on_track").status_code == 303
    again = send(office, UPCOMING, *six[2:], kind="on_track")
    assert again.status_code == 422, "the same answer on the same day is one report"
    assert len(attachments(office)) == len(on_disk(office)) == 4


def test_the_same_form_sent_twice_keeps_its_files_once(office: WebOffice) -> None:
    for _ in range(2):
        assert send(office, UPCOMING, ("현장.jpg", PHOTO), ("복사.jpg", PHOTO), kind="on_track").status_code == 303
    assert len(attachments(office)) == len(on_disk(office)) == 1


def test_files_without_a_choice_ask_for_the_choice(office: WebOffice) -> None:
    refused = send(office, UPCOMING, ("현장.jpg", PHOTO), kind="later")
    assert refused.status_code == 422
    assert "진행상황을 하나 골라 주세요" in refused.text
    assert on_disk(office) == []


def test_one_tap_with_a_file_that_is_not_taken_records_nothing(office: WebOffice) -> None:
    refused = send(office, TODAY, ("현장.exe", b"MZ" * 50), tap=True)
    assert refused.status_code == 422
    assert "현장.exe" in refused.text
    assert on_disk(office) == []
    with read(office.engine) as session:
        assert session.exec(select(StatusReport)).all() == []


def test_a_refusal_elsewhere_keeps_no_file(office: WebOffice) -> None:
    refused = send(office, TODAY, ("현장.jpg", PHOTO), kind="delayed")
    assert "사유를 적어 주세요" in refused.text
    assert on_disk(office) == []


def test_an_upload_through_a_forged_link_is_not_read(office: WebOffice) -> None:
    page = office.client().post("/a/made-up", files=[("files-1", ("현장.jpg", PHOTO))])
    assert page.status_code == 404
    assert "링크를 확인할 수 없습니다" in page.text


def test_an_endless_upload_is_stopped_while_it_comes(office: WebOffice) -> None:
    office.app = make_app(replace(office.settings, upload_mb=0.1, upload_files=1), office.engine, office.clock)
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        yield b'--b\r\nContent-Disposition: form-data; name="files-1"; filename="a.jpg"\r\n\r\n'
        for _ in range(1000):
            given += 100_000
            yield b"x" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    page = office.client().post(f"/a/{office.token}", content=endless(), headers=headers)
    assert page.status_code in (400, 413)
    assert office.count(StatusReport) == 0
    stated = {**headers, "Content-Length": "900000000"}
    assert office.client().post(f"/a/{office.token}", content=b"x", headers=stated).status_code == 413


def test_the_reviewer_sees_the_files_of_an_answer(office: WebOffice) -> None:
    admin = office.admin()
    opened = admin.post("/rounds", data=fields(admin.get("/rounds").text)).headers["location"].partition("?")[0]
    send(office, UPCOMING, ("현장.jpg", PHOTO))
    listed = admin.get(f"{opened}/requests/1").text + admin.get(f"{opened}/requests/2").text
    assert f'href="/files/{attachments(office)[0].id}"' in listed
    assert f'href="/files/{attachments(office)[0].id}"' in admin.get(f"/projects/{office.project}").text


def test_having_read_it_is_noted_from_the_form_with_its_empty_files(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    form = {name: value for name, value in fields(client.get(path).text).items() if not name.startswith("files-")}
    empty = [(f"files-{one}", ("", b"")) for one in office.milestones]
    assert client.post(f"{path}/seen", data=form, files=empty).status_code == 303


def test_files_are_not_taken_where_the_office_wants_none(office: WebOffice) -> None:
    office.app = make_app(replace(office.settings, upload_files=0), office.engine, office.clock)
    assert 'type="file"' not in office.client().get(f"/a/{office.token}").text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PHOTO, "jpg"),
        (PDF, "pdf"),
        (HWPX, "hwpx"),
        (DOCX, "docx"),
        (MACROS, None),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 20, "heic"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + b"HWP Document File", "hwp"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, None),
        (b"PK\x03\x04 broken", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, kind: str | None) -> None:
    assert kind_of(io.BytesIO(content)) == kind


def test_a_name_that_lies_about_the_content_is_put_right() -> None:
    settings = load_settings({})
    assert check_upload("사진.exe", io.BytesIO(PHOTO), settings).name == "사진.jpg"
    assert check_upload("사진.JPEG", io.BytesIO(PHOTO), settings).name == "사진.JPEG"
    with pytest.raises(UploadError, match=r"사진\.png"):
        check_upload("사진.png", io.BytesIO(b"text"), settings)


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\hong\\현장 사진.jpg", "현장 사진.jpg"),
        ("한글.hwpx", "한글.hwpx"),
        ("a\u202egpj.exe", "agpj.exe"),
        ('<script>"x".pdf', "scriptx.pdf"),
        ("...", "파일"),
        (".jpg", "jpg"),
        ("가" * 300 + ".pdf", "가" * 80 + ".pdf"),
    ],
)
def test_a_name_is_cleaned_before_it_is_kept(given: str, clean: str) -> None:
    assert clean_name(given) == clean

"""The mailbox page: a stored mail as a mail program shows it, and nothing of it reaching our pages."""

from email.message import EmailMessage

import pytest

from notifications.mailbox import mailbox_of
from tests.web.office import SCRIPT, WebOffice


def keep(office: WebOffice, number: int = 1) -> str:
    mail = EmailMessage()
    mail["Subject"] = f"[일정 알림] 오늘 {number}건 {SCRIPT}"
    mail["From"] = "주요업무 알림 <dday@office.example>"
    mail["To"] = "홍길동 팀장 <lead@office.example>"
    mail["Date"] = "Wed, 02 Oct 2024 09:00:00 +0900"
    mail["X-Dday-Key"] = "post:3/email/morning/2024-10-02T09:00"
    mail.set_content("홍길동 팀장님, 오늘 1건입니다.")
    mail.add_alternative(
        f"<html><head></head><body><a href='/a/x'>한 번에 답하기</a>{SCRIPT}</body></html>", subtype="html"
    )
    mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="일정.ics")
    return mailbox_of(office.settings.data).keep(mail.as_bytes())


def test_the_newest_mail_stands_first_and_opens(office: WebOffice) -> None:
    admin = office.admin()
    assert "아직 받은 메일이 없습니다" in admin.get("/mailbox").text
    keep(office, 1)
    name = keep(office, 2)
    page = admin.get("/mailbox").text
    assert page.index("오늘 2건") < page.index("오늘 1건")
    assert SCRIPT not in page
    mail = admin.get(f"/mailbox/{name}").text
    assert "10. 2.(수) 09:00" in mail
    assert "홍길동 팀장 &lt;lead@office.example&gt;" in mail
    assert "홍길동 팀장님, 오늘 1건입니다." in mail
    assert "X-Dday-Key" in mail
    assert SCRIPT not in mail


def test_the_html_of_a_mail_runs_nothing_and_loads_nothing(office: WebOffice) -> None:
    html = office.admin().get(f"/mailbox/{keep(office)}/html")
    policy = html.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script-src" not in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert html.headers["x-frame-options"] == "SAMEORIGIN"
    assert '<base target="_blank">' in html.text


def test_an_attachment_is_kept_as_a_file_and_never_shown(office: WebOffice) -> None:
    admin, name = office.admin(), keep(office)
    file = admin.get(f"/mailbox/{name}/files/0")
    assert file.content.strip() == b"BEGIN:VCALENDAR"
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment;")
    assert admin.get(f"/mailbox/{name}/files/1").status_code == 404


def test_the_source_is_plain_text(office: WebOffice) -> None:
    raw = office.admin().get(f"/mailbox/{keep(office)}/raw")
    assert raw.headers["content-type"].startswith("text/plain")
    assert raw.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["..%2f..%2fsecret_key", "../secret_key", "%2e%2e", "x" * 300, "한글"])
def test_no_name_leads_out_of_the_mailbox(office: WebOffice, name: str) -> None:
    (office.settings.data).mkdir(exist_ok=True)
    (office.settings.data / "secret_key").write_text("secret")
    for path in (f"/mailbox/{name}", f"/mailbox/{name}/raw"):
        page = office.admin().get(path)
        assert page.status_code == 404
        assert "secret" not in page.text

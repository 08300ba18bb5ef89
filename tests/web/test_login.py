"""The admin's way in: once, through a button, and out again."""

from datetime import timedelta

from tests.web.office import NOW, WebOffice, fields


def test_looking_at_the_address_does_not_use_it_up(office: WebOffice) -> None:
    token, client = office.login(), office.client()
    before = office.everything()
    for _ in range(3):
        page = client.get(f"/login/{token}")
        assert page.status_code == 200
        assert "관리 화면 열기" in page.text
        assert "set-cookie" not in page.headers
    assert office.everything() == before
    assert client.post(f"/login/{token}").status_code == 303


def test_the_address_opens_once(office: WebOffice) -> None:
    token, first, second = office.login(), office.client(), office.client()
    opened = first.post(f"/login/{token}")
    assert opened.headers["location"] == "/"
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert first.get("/").status_code == 200
    assert second.post(f"/login/{token}").status_code == 410
    assert second.get(f"/login/{token}").status_code == 410
    assert second.get("/").status_code == 403


def test_an_old_address_says_how_to_get_a_new_one(office: WebOffice) -> None:
    token = office.login(hours=1)
    office.clock.now = NOW + timedelta(hours=1)
    page = office.client().post(f"/login/{token}")
    assert page.status_code == 410
    assert "dday login-link" in page.text


def test_a_made_up_cookie_opens_nothing(office: WebOffice) -> None:
    client = office.client()
    client.cookies.set("dday_admin", "eyJhZG1pbiI6MX0.aaaa.bbbb")
    assert client.get("/").status_code == 403


def test_leaving_closes_the_pages(office: WebOffice) -> None:
    admin = office.admin()
    sent = admin.post("/logout", data=fields(admin.get("/").text))
    assert sent.headers["location"] == "/bye"
    assert admin.get("/").status_code == 403


def test_the_form_of_one_session_is_not_good_for_another(office: WebOffice) -> None:
    one, other = office.admin(), office.admin()
    form = fields(one.get("/activate").text)
    assert other.post("/activate", data=form).status_code == 403

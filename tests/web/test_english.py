"""The pages in English: nothing that they say in Korean is without its English, and values stay where they belong."""

import re
from pathlib import Path

import holidays
import pytest
from jinja2 import DictLoader, Environment

from schedules.arrangement import ACT_WORDS
from schedules.recurrence import read_recurrence
from tests.web import spoken
from tests.web.office import LABELS, LATE, NOW, UPCOMING, WebOffice, fields
from web.catalogue import Both, by_number, english, in_english, words_of
from web.import_doubts import YES_NO
from web.pages import HERE, NAVIGATION
from web.schedules import PRESETS
from web.translation import TOKEN, EnglishEnvironment

TEMPLATES = sorted((HERE / "templates").glob("*.html"))
ABOUT_ASKED = ("모든 담당 직위", "{1}의 담당 직위")
UNREACHABLE = (
    "보임된 사람이 없습니다",
    "{1} {2}: 퇴직·전출",
    "{1} {2}: 전자우편 주소가 없음",
    "{1} {2}: 전자우편 주소({3})로 보낼 수 없음",
)
KINDS = set(re.findall(r"^\[(\w+)\]", (HERE / "locale" / "words.toml").read_text(encoding="utf-8"), re.MULTILINE))


def said() -> set[str]:
    words = {word.strip() for kind in KINDS for word in words_of(kind).values() if word.strip()}
    menu = {entry.title for entry in NAVIGATION}
    how_often = {read_recurrence(preset, NOW.date()).in_words() for preset in PRESETS}
    return {
        *spoken.of_templates(),
        *spoken.of_code(),
        *words,
        *menu,
        *how_often,
        *YES_NO,
        *ABOUT_ASKED,
        *UNREACHABLE,
        *ACT_WORDS.values(),
    }


def test_whatever_is_said_in_korean_has_its_english_and_the_catalogue_says_nothing_else() -> None:
    assert said() - set(english()) == set(), "web/locale/en.po lacks these"
    assert set(english()) - said() == set(), "the catalogue says what no page says"


def test_the_english_keeps_the_values_and_tags() -> None:
    def marks(text: str) -> tuple[set[str], list[str]]:
        return {token[1] for token in TOKEN.finditer(text) if token[1]}, sorted(re.findall(r"</?\d+>", text))

    assert [korean for korean, translated in english().items() if marks(korean) != marks(translated)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_korean_of_a_template_escapes_the_catalogue(template: Path) -> None:
    """An attribute that a condition cuts in two would."""
    assert spoken.left_over(template) == []


def rendered(template: str, find: dict[str, str], **values: object) -> str:
    environment: Environment = EnglishEnvironment(loader=DictLoader({"page": template}), autoescape=True)
    assert isinstance(environment, EnglishEnvironment)
    environment.find = lambda msgid: find.get(msgid, "")
    environment.globals["by_number"] = by_number
    return environment.get_template("page").render(values)


def test_values_and_inline_tags_may_change_places_and_stay_escaped() -> None:
    template = '<p>{{ who }}에게 <a href="/m/{{ id }}">{{ count }}통</a>을 보냅니다.</p>'
    found = {"{1}에게 <1>{2}통</1>을 보냅니다.": "<1>{2} {2|mail|mails}</1> to {1}."}
    page = rendered(template, found, who="<b>", id=7, count=1)
    assert page == '<p><a href="/m/7">1 mail</a> to &lt;b&gt;.</p>'
    assert "2 mails" in rendered(template, found, who="a", id=7, count=2)


def test_attributes_and_conditions_are_read_and_what_is_unknown_stays_korean() -> None:
    template = (
        '<input title="예: {{ day }}"{% if bad %} aria-invalid="true"{% endif %}>{{ "없음" if bad }}<p>남은 말</p>'
    )
    page = rendered(template, {"예: {1}": "e.g. {1}", "없음": "none"}, day="1. 2.", bad=True)
    assert page == '<input title="e.g. 1. 2." aria-invalid="true">none<p>남은 말</p>'


def test_english_that_stands_beside_korean_is_not_said_twice() -> None:
    template = '<h1>오늘 <span class="en" lang="en">Today</span></h1>'
    assert rendered(template, {"오늘": "Today"}) == "<h1>Today</h1>"


def test_a_finished_sentence_is_known_by_its_pattern() -> None:
    assert in_english("'한글 파일.hwp'은(는) 빈 파일입니다. 다시 골라 주세요.") == (
        "'한글 파일.hwp' is an empty file. Please choose again."
    )
    assert in_english("홍길동") == "홍길동"
    assert in_english(Both("가", "a")) == "a"


def test_the_lead_answers_in_english_once_asked_for_and_typed_text_is_kept(office: WebOffice) -> None:
    client = office.client()
    address = f"/a/{office.token}"
    korean = client.get(address).text
    assert '<html lang="ko">' in korean
    assert "고른 답 보내기" in korean
    assert 'href="?lang=en"' in korean
    page = client.get(f"{address}?lang=en").text
    assert '<html lang="en">' in page
    assert "Send the chosen answers" in page
    assert LABELS[LATE] in page
    form = fields(page) | {f"kind-{office.milestones[UPCOMING]}": "delayed"}
    refused = client.post(address, data=form)
    assert refused.status_code == 422
    assert "Please write the reason. It is printed in the next report as it stands." in refused.text
    assert "?lang=" not in refused.text, "the form that was sent cannot be asked for again"
    form |= {f"reason-{office.milestones[UPCOMING]}": "자재 <b>"}
    receipt = client.get(client.post(address, data=form).headers["location"]).text
    assert "1 answer received" in receipt
    assert "자재 &lt;b&gt;" in receipt
    assert "Delayed" in receipt
    assert "접수했습니다" in client.get(f"{address}?lang=ko").text or "고른 답" in client.get(address).text


@pytest.mark.parametrize("lang", ["fr", "ko\r\nSet-Cookie: x=y", "<script>", ""])
def test_no_other_language_is_taken(office: WebOffice, lang: str) -> None:
    page = office.client().get("/login", params={"lang": lang})
    assert '<html lang="ko">' in page.text
    assert "set-cookie" not in page.headers or "dday_language" not in page.headers["set-cookie"]


def test_the_browsers_own_languages_do_not_change_the_page(office: WebOffice) -> None:
    assert '<html lang="ko">' in office.client().get("/login", headers={"Accept-Language": "en-US,en"}).text


PAGES = (
    "/",
    "/projects",
    "/milestones",
    "/timeline",
    "/preview",
    "/days",
    "/rounds",
    "/schedules",
    "/schedules/new",
    "/outbox",
    "/outbox/1",
    "/paper",
    "/mailbox",
    "/findings",
    "/people",
    "/people/on",
    "/reorganisations",
    "/absences",
    "/rules",
    "/rules/1",
    "/health",
    "/tables",
    "/audit",
    "/account",
    "/import",
    "/documents",
    "/activate",
    "/sending",
    "/escalations",
    "/nothing",
)
# What stays Korean on an English page beside the rows: names that the office gave, and examples of what is typed.
KEPT = (
    "한국어",
    "총괄 담당자",
    "정기 취합",
    "재량휴무",
    "월 말",
    "한 번에 답하기",
    "행정지원팀장",
    "인사팀장",
    "행정지원과장",
    "행정안전국장",
    "구분, 부서, 새 이름, 옮길 곳, 사업",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_console_says_nothing_in_korean_but_its_rows(office: WebOffice, path: str) -> None:
    admin = office.admin()
    page = admin.get(path, params={"lang": "en"}).text
    for name in KEPT:
        page = page.replace(name, "")
    feasts = " ".join(holidays.country_holidays("KR", years=[2024, 2025], language="ko").values())
    rows = f"{office.everything()} {feasts} 다음날 대체공휴일"
    said = {word for word in re.findall("[ㄱ-ㅎ가-힣]+", page) if word not in rows}
    assert said == set()

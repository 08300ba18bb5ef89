"""The pages in English: nothing that they say in Korean is without its English, and values stay where they belong."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import holidays
import pytest
from jinja2 import DictLoader, Environment
from starlette.testclient import TestClient

import migrations
from models import Role
from models.database import create_schema, make_engine
from schedules.arrangement import ACT_WORDS
from schedules.recurrence import read_recurrence
from tests.web import spoken
from tests.web.browsing import whole_app
from tests.web.busy_office import fill
from tests.web.office import LABELS, LATE, NOW, UPCOMING, WebOffice, fields
from tests.web.test_pictures import ADMIN, AUDITOR, LEAD, PAGES, REFUSED, STRANGER
from web.catalogue import DOMAINS, HANGUL, VALUE, Both, by_number, english, in_english, words_of
from web.import_doubts import YES_NO
from web.pages import HERE, NAVIGATION
from web.schedules import PRESETS
from web.translation import TOKEN, EnglishEnvironment
from web.why_words import in_both

TEMPLATES = sorted((HERE / "templates").glob("*.html"))
ABOUT_ASKED = ("모든 담당 직위", "{1}의 담당 직위")
UNREACHABLE = (
    "보임된 사람이 없습니다",
    "{1} {2}: 퇴직·전출",
    "{1} {2}: 전자우편 주소가 없음",
    "{1} {2}: 전자우편 주소({3})로 보낼 수 없음",
)
IMPOSSIBLE = "이 조건에 맞는 일정이 있을 수 없어 한 번도 알리지 않습니다."
# Not said but kept or compared, or words that are to be written as they are.
NOT_SAID = {
    "review 검토",
    "일정표",
    "예",
    "아니오",
    "요일",
    "예정, 추진 중, 지연, 완료, 중단",
    "준공, 개관, 교육, 행사",
}
FRAGMENTS = {
    "'{1}' 열의 합계{2}",
    "'{1}' 행의 합계{2}",
    "상태 변경: {1} {2}",
    "(대기 {1}분)",
    "외 {1}건",
    "취합 요청 {1}건을 이어받은 직위에 묻습니다{2}",
    ", 이전 담당 {1}",
    "일정 {1}건{2}.",
    "상급 보고: {1}",
}
# What is put together from such fragments.
WHOLE = (
    ("document", "'계' 행의 합계 (괄호 안): 1,250(이)라고 적혀 있으나 2,500입니다."),
    ("document", "'계' 열의 합계: 1,250(이)라고 적혀 있으나 2,500입니다."),
    ("document", "상태 변경: 계 예정 → 완료"),
    ("document", "12행: '계' 칸이 비어 있습니다."),
    ("doctor", "smtp 초당 5통(대기 300분), office.example 초당 1통"),
    ("doctor", "연락할 수 없는 직위 12개: 계 외 2건"),
    ("doctor", "데이터베이스가 이전 판(0025)입니다"),
    ("doctor", "mail:25: 연결을 받지 않습니다 (Connection refused)"),
    ("doctor", "12 MB (reminder 3건까지, notification 2건까지); 메일 본문 30일 보관, 감사 기록 계속 보관"),
    ("doctor", "보낼 때가 지났는데 아무도 보내지 않은 메일 3건, 오류로 보내지 못하는 알림 1건"),
    ("reorganisation", "취합 요청 3건을 이어받은 직위에 묻습니다 (계)"),
    ("reorganisation", "계: 계. 일정 3건, 이전 담당 계. 상급 보고: 계 → 계"),
    ("reorganisation", "계: 받을 사람이 없습니다 (계 계: 퇴직·전출). 일정 3건."),
    ("reorganisation", "계 → 계 (명칭 변경)"),
    ("why", "규칙 status: 적용 안 됨: 구분이 다릅니다(event)"),
    ("why", "규칙 status: 적용됨, 남은 시점이 없습니다"),
    ("why", "규칙 overdue: 적용됨, 반복 2번을 모두 알려 더 알리지 않습니다"),
    ("why", "규칙 quiet: 적용 안 됨: 이 사업은 기한이 가장 가까운 일정(2번)으로 묻습니다"),
    ("why", "받을 사람이 없습니다: 계 계: 전자우편 주소가 없음"),
)
LINES = {
    "    2024. 10. 9.(수) 09:00 D-7 · 반복 2회차 · 취소 (규칙이 꺼졌습니다; 이미 답한 일정입니다)": (
        "    Wed 9 Oct 2024 09:00 D-7 · repeat 2 · cancelled (the rule was switched off; it was answered already)"
    ),
    "    경로: 받은 알림(받은 알림을 볼 계정이 없습니다) → 종이 목록, 답이 없으면 근무일 3일마다 다음 경로로": (
        "    By: inbox (nobody has an account to see it) → paper, "
        "without an answer by the next one every 3 working day(s)"
    ),
    "알림이 없습니다: 완료된 일정입니다.": "No reminders: it is done.",
    "    2024. 10. 9.(수) 09:00 D-7 · 협조 인사팀장 · 예정": (
        "    Wed 9 Oct 2024 09:00 D-7 · supporting 인사팀장 · planned"
    ),
    "공사 | 9월중 | 사업 | 담당: 인사팀장 | 협조: 총무과장": (
        "공사 | 9월중 | 사업 | Responsible: 인사팀장 | Supporting: 총무과장"
    ),
    "공사 | 9월중 | 사업 | 담당: 인사팀장": "공사 | 9월중 | 사업 | Responsible: 인사팀장",
}
TO_WRITE = re.findall(
    "[가-힣]+", "예 아니오 명칭변경 소속변경 통합 신설 분리 폐지 사업이관 사업개요 행정지원팀장 준공 개관 교육 행사"
)
RECURRENCES = {
    "FREQ=MONTHLY;BYMONTHDAY=5,20": "Every month on day 5, day 20",
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU": "Every 3 months on the second Tuesday",
    "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=-1": "Every year in month 3·9 on the last day",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=300": "Every 2 weeks on Monday (300 times)",
    "0 9 L * *": "Every month on the last day",
    "0 9 1 1,7 *": "Every year in month 1·7 on day 1",
    "0 9 * * 5": "Every week on Friday",
}
HANGUL_WORD = re.compile("[가-힣]{2,}")
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
        IMPOSSIBLE,
        *ACT_WORDS.values(),
    }


def test_whatever_is_said_in_korean_has_its_english_and_the_catalogue_says_nothing_else() -> None:
    assert said() - set(english()) == set(), "web/locale/en.po lacks these"
    assert set(english()) - said() == set(), "the catalogue says what no page says"


@pytest.mark.parametrize("domain", spoken.ROOMS)
def test_what_the_rooms_below_say_comes_out_in_english(domain: str) -> None:
    """Each of their sentences with values in it; what an office types or a document says stays as it is."""
    said = {VALUE.sub("7", text) for text in spoken.of_room(domain) - NOT_SAID - FRAGMENTS}
    assert len(said) > 10
    left = {text: in_english(text, domain) for text in said}
    for word in TO_WRITE:
        left = {text: translated.replace(word, "") for text, translated in left.items()}
    assert {text: translated for text, translated in left.items() if HANGUL.search(translated)} == {}


@pytest.mark.parametrize(("domain", "text"), WHOLE)
def test_what_is_put_together_comes_out_whole(domain: str, text: str) -> None:
    assert not HANGUL.search(in_english(text, domain).replace("계", ""))


@pytest.mark.parametrize("line", LINES)
def test_why_a_reminder_comes_is_said_in_english(line: str) -> None:
    assert in_both(line).english == LINES[line]


@pytest.mark.parametrize("text", RECURRENCES)
def test_however_often_a_collection_comes_it_is_said_in_english(text: str) -> None:
    assert in_english(read_recurrence(text, NOW.date()).in_words(), "recurrence") == RECURRENCES[text]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_catalogue_says_nothing_that_no_room_says(domain: str) -> None:
    rooms = ("documents", "schedules", "worker", "notifications", "migrations")
    source = " ".join(path.read_text(encoding="utf-8") for room in rooms for path in (HERE.parent / room).rglob("*.py"))
    words = {word.removesuffix("요일"): msgid for msgid in english(domain) for word in HANGUL_WORD.findall(msgid)}
    unsaid = {msgid for word, msgid in words.items() if word not in source}
    assert unsaid == set()


def test_the_english_keeps_the_values_and_tags() -> None:
    def marks(text: str) -> tuple[set[str], list[str]]:
        return {token[1] for token in TOKEN.finditer(text) if token[1]}, sorted(re.findall(r"</?\d+>", text))

    known = [one for domain in ("", *DOMAINS) for one in english(domain).items()]
    assert [korean for korean, translated in known if marks(korean) != marks(translated)] == []


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


# What is looked for; what a mail in the mailbox says; what the choices of a doubt are kept as.
TYPED = "없는 사업 없는 일정 건입니다 아니오 기타 중단"


class Town(NamedTuple):
    """The busy office, whoever looks at it in English, and every word that its rows, documents and feasts hold."""

    office: WebOffice
    names: dict[str, object]
    clients: dict[str, TestClient]
    words: str


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("english")
    engine = make_engine(f"sqlite:///{folder / 'dday.db'}")
    create_schema(engine)
    migrations.stamp(engine)
    office = WebOffice(engine, folder / "data", extra=25)
    names = fill(office)
    office.app = whole_app(office, office.settings)
    office.app.state.desk.patience_seconds = office.app.state.previews.patience_seconds = 60
    clients = {
        STRANGER: office.client(),
        ADMIN: office.admin(),
        AUDITOR: office.member((Role.AUDITOR, None)),
        LEAD: office.member((Role.LEAD, office.team)),
    }
    for client in clients.values():
        client.cookies.set("dday_language", "en")
    feasts = " ".join(holidays.country_holidays("KR", years=[2024, 2025], language="ko").values())
    rows = f"{office.everything()} {feasts} 다음날 대체공휴일"
    yield Town(office, names, clients, f"{rows} {TYPED}")
    engine.dispose()


def assert_english(page: str, words: str, where: str) -> None:
    for name in KEPT:
        page = page.replace(name, "")
    assert {word for word in re.findall("[ㄱ-ㅎ가-힣]+", page) if word not in words} == set(), where


@pytest.mark.parametrize("route", PAGES)
def test_a_page_says_nothing_in_korean_but_its_rows(town: Town, route: str) -> None:
    for who, path in PAGES[route]:
        address = path.format(**town.names)
        assert_english(town.clients[who].get(address).text, town.words, f"{address} of {who}")


@pytest.mark.parametrize(("who", "path", "action"), REFUSED, ids=[action for _, _, action in REFUSED])
def test_a_refused_form_says_why_in_english(town: Town, who: str, path: str, action: str) -> None:
    form = fields(town.clients[who].get(path.format(**town.names)).text)
    typed = {name: value if name in ("csrf", "milestone", "post") else "" for name, value in form.items()}
    page = town.clients[who].post(action.format(**town.names), data=typed)
    assert page.status_code == 422
    assert_english(page.text, town.words, action)

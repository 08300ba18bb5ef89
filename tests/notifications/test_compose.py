"""A composed mail says what the digest says, in every mail program, within the rules of mail."""

import re
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Ask, NotificationKind
from notifications.channels import OutgoingMail
from notifications.compose import LARGEST, compose, message_id
from notifications.digest import Digest, Section
from notifications.letterhead import Letterhead
from schedules.people import Recipient
from tests.notifications.golden import assert_golden
from tests.notifications.letters import (
    ABOVE,
    ALL,
    BESIDE,
    DEPUTY,
    DUE_TODAY,
    FUZZY,
    HEAD,
    HONG,
    LATER,
    LINK,
    MEETING,
    NINE,
    OVERDUE,
    QUIET,
    SEOUL,
    STALE,
    UNDATED,
    digest,
    item,
)

ROUND = {"round_title": "2024년 9월 정기 취합"}
RULES = ("다가오는 일정 알림", "기한이 된 일정의 진행상황 요청")
DRILL = Letterhead("주요업무 알림", "dday@office.example", "총괄 담당자", SEOUL, drill=True)
COMMENT = "문제점 및 개선방안\n공정이 늦어진 까닭과 대책을 적어 주세요."

LETTERS: dict[str, tuple[Digest, tuple[Recipient, ...], Letterhead, timedelta]] = {
    "morning": (digest(*ALL, rules=RULES), (HONG,), HEAD, timedelta()),
    "one-meeting": (digest(MEETING, answer_by=None), (HONG,), HEAD, timedelta()),
    "confirm-date": (digest(FUZZY, answer_by=None), (HONG,), HEAD, timedelta()),
    "status": (digest(STALE, UNDATED), (HONG,), HEAD, timedelta()),
    "deputy-late-drill": (digest(OVERDUE, LATER), (DEPUTY,), DRILL, timedelta(hours=3)),
    "stands-in": (digest(DUE_TODAY), (ABOVE,), HEAD, timedelta()),
    "two-holders": (digest(DUE_TODAY), (HONG, DEPUTY), HEAD, timedelta()),
    "many": (
        digest(*(item(n, f"{n}번 도로 정비 공사 준공", "2024-10-31") for n in range(1, 14))),
        (HONG,),
        HEAD,
        timedelta(),
    ),
    "overdue-answer": (digest(OVERDUE, answer_by=datetime(2024, 9, 20, 18, tzinfo=SEOUL)), (HONG,), HEAD, timedelta()),
    "quiet": (digest(QUIET, UNDATED), (HONG,), HEAD, timedelta()),
    "supporting": (digest(BESIDE, answer_by=None), (HONG,), HEAD, timedelta()),
    "also-supporting": (digest(BESIDE, FUZZY, STALE), (HONG,), HEAD, timedelta()),
    "round": (digest(*ALL, kind=NotificationKind.ROUND, **ROUND), (HONG,), HEAD, timedelta()),
    "round-questions": (
        digest(LATER, kind=NotificationKind.ROUND, questions=("겨울철 안전대책", "주민 불편 사항"), **ROUND),
        (HONG,),
        HEAD,
        timedelta(),
    ),
    "nudge": (digest(OVERDUE, LATER, kind=NotificationKind.NUDGE, **ROUND), (HONG,), HEAD, timedelta()),
    "returned": (digest(STALE, kind=NotificationKind.RETURNED, comment=COMMENT, **ROUND), (HONG,), HEAD, timedelta()),
}


def composed(name: str) -> OutgoingMail:
    its_digest, recipients, head, late = LETTERS[name]
    return compose(its_digest, recipients, LINK, head, NINE + late)


def parsed(mail: OutgoingMail) -> EmailMessage:
    found = message_from_bytes(mail.content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("name", LETTERS)
def test_the_mail_is_the_one_that_was_looked_at(name: str) -> None:
    mail = composed(name)
    assert_golden(f"{name}.txt", f"{mail.subject}\n\n{mail.text}")
    assert_golden(f"{name}.html", mail.html)


def test_its_headers_are_the_ones_that_were_looked_at() -> None:
    headers = composed("two-holders").content.partition(b"\r\n\r\n")[0].decode("ascii")
    assert_golden("two-holders.headers", headers.replace("\r\n", "\n") + "\n")


def test_no_absence_notice_answers_it_and_every_attempt_has_one_identity() -> None:
    mail = parsed(composed("morning"))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Dday-Key"] == "post:12/email/morning/2024-09-30T09:00"
    assert mail["Message-ID"] == message_id(mail["X-Dday-Key"], "office.example")
    assert mail["Date"].datetime == NINE


def test_equal_input_gives_equal_bytes() -> None:
    assert composed("morning").content == composed("morning").content


@pytest.mark.parametrize("name", LETTERS)
def test_a_korean_mail_holds_no_english_word(name: str) -> None:
    mail = composed(name)
    shown = f"{mail.subject} {mail.text} {_Shown.of(mail.html)}".replace(LINK, "")
    assert set(re.findall(r"[A-Za-z]+", shown)) <= {"D", "day"}  # D-7, D-day
    assert not re.search(r"[!！\U0001f300-\U0001faff]", shown)


@pytest.mark.parametrize("name", LETTERS)
def test_nothing_is_loaded_from_anywhere(name: str) -> None:
    html = composed(name).html
    assert not re.search(r"<(img|link|script|style|iframe|object)\b|url\(|@import|src=|background=", html)
    assert set(re.findall(r'href="([^"]*)"', html)) == {LINK}


def test_text_and_page_say_the_same() -> None:
    mail = composed("morning")
    shown = _Shown.of(mail.html)
    for one in ALL:
        assert one.label in mail.text
        assert one.label in shown
        assert one.state in mail.text
        assert one.state in shown
    for section in set(Section) - {Section.AT_RISK, Section.SUPPORTING}:  # which only heads and posts beside are told
        assert f"{section} 1건" in mail.text or f"{section} 2건" in mail.text
        assert section in shown
    assert f"한 번에 답하기: {LINK}" in mail.text
    assert LINK in shown  # written out under the button


def test_ten_items_of_a_section_are_shown_and_the_rest_counted() -> None:
    mail = composed("many")
    assert mail.text.count("번 도로 정비") == mail.html.count("번 도로 정비") == 10
    assert "외 3건" in mail.text
    assert "외 3건" in mail.html
    assert mail.subject.startswith("[일정 알림] 다가오는 일정 13건")


def test_a_mail_never_grows_beyond_what_mail_programs_show() -> None:
    long = "가나다라마바사 " * 100
    asks = (Ask.OVERDUE, Ask.TODAY, Ask.UPCOMING, Ask.STATUS, Ask.CONFIRM_DATE, Ask.CHECK)
    days = ("2024-09-20", "2024-09-30", "2024-10-02", "2024-11-01", "2024-11-01", None)
    items = [
        item(n, long, day, ask, project=long, state=long, raw=long, baseline=long, owner=long)
        for n in range(40)
        for day, ask in zip(days, asks, strict=True)
    ]
    mail = compose(digest(*items), [HONG] * 3, LINK, HEAD, NINE)
    assert len(mail.content) <= LARGEST
    assert "외 " in mail.text
    assert mail.subject.startswith("[일정 알림] 오늘 40건")


SUNDAY, MONDAY = date(2024, 10, 13), date(2024, 10, 14)
COUNTS_ON_MONDAY = "기한 10. 13.(일)이 휴일이어서 10. 14.(월)을 기한으로 봅니다."


def ending_on_a_sunday(due_on: date, deadline_on: date, *asks: Ask, is_day: bool = True) -> OutgoingMail:
    start_on = SUNDAY if is_day else date(2024, 10, 7)
    one = item(
        8, "교차로 정비 준공", due_on.isoformat(), *asks, start_on=start_on, end_on=SUNDAY, deadline_on=deadline_on
    )
    return compose(digest(one), [HONG], LINK, HEAD, NINE)


def test_a_deadline_on_a_day_off_says_on_which_day_it_counts() -> None:
    mail = ending_on_a_sunday(MONDAY, MONDAY)
    assert COUNTS_ON_MONDAY in mail.text
    assert COUNTS_ON_MONDAY in _Shown.of(mail.html)
    assert "D-14" in mail.text


@pytest.mark.parametrize(
    "mail",
    [
        ending_on_a_sunday(SUNDAY, SUNDAY),
        ending_on_a_sunday(date(2024, 10, 7), MONDAY, is_day=False),
        ending_on_a_sunday(MONDAY, MONDAY, Ask.CONFIRM_DATE),
    ],
    ids=["as it stands", "told of its start", "no day yet"],
)
def test_what_does_not_count_to_another_day_says_nothing_of_it(mail: OutgoingMail) -> None:
    assert "휴일이어서" not in mail.text


def test_what_people_wrote_stays_text() -> None:
    sharp = item(1, "<script>alert(1)</script> & \"따옴표\" '홑'", "2024-10-02", project="<b>굵게</b>", state="</td>")
    mail = compose(digest(sharp), [HONG], LINK, HEAD, NINE)
    assert "<script" not in mail.html
    assert "<b>굵게" not in mail.html
    assert sharp.label in _Shown.of(mail.html)
    assert sharp.label in mail.text


def test_a_line_end_in_a_name_makes_no_header() -> None:
    sly = Recipient("홍길동\r\nBcc: all@office.example", "hong@office.example", "팀장", "행정지원팀")
    trick = item(1, "준공\r\nBcc: all@office.example", "2024-09-20", Ask.STATUS, project="가나다라 마바사")
    mail = parsed(compose(digest(trick), [sly], LINK, HEAD, NINE))
    assert mail["Bcc"] is None
    assert len(mail["To"].addresses) == 1


# ------------------------------------------------------------------------------------------------ any mail at all

printable = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
words_of_people = printable.filter(lambda text: text.strip())
addresses = st.from_regex(r"[a-z0-9][a-z0-9.+_-]{0,40}@[a-z0-9]{1,20}\.example", fullmatch=True)
people = st.builds(Recipient, words_of_people, addresses, st.sampled_from(("팀장", "과장")), st.just("행정지원팀"))


@settings(max_examples=60)
@given(
    label=words_of_people,
    raw=words_of_people,
    name=words_of_people,
    recipients=st.lists(people, min_size=1, max_size=4),
)
def test_the_standard_library_parses_back_what_was_composed(
    label: str, raw: str, name: str, recipients: list[Recipient]
) -> None:
    head = Letterhead(name, "dday@office.example", "총괄 담당자", SEOUL)
    mail = compose(digest(item(1, label, "2024-10-02", raw=raw), STALE), recipients, LINK, head, NINE)
    found = parsed(mail)
    assert found["Subject"] == mail.subject
    assert [one.addr_spec for one in found["To"].addresses] == [one.email for one in recipients]
    expected = [without_spaces(f"{one.name} {one.post_title}") for one in recipients]
    assert [without_spaces(one.display_name) for one in found["To"].addresses] == expected
    assert without_spaces(found["From"].addresses[0].display_name) == without_spaces(name)
    assert part(found, "plain").replace("\r\n", "\n") == mail.text
    assert part(found, "html").replace("\r\n", "\n") == mail.html
    assert [one.get_filename() for one in found.iter_attachments()] == ["일정.ics"]
    assert not found.defects
    lines = mail.content.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert mail.content.isascii()


def without_spaces(name: str) -> str:
    """Until 3.13 the library keeps the space between two encoded words of a long name, against RFC 2047 6.2."""
    return "".join(name.split())


def test_a_name_of_usual_length_comes_back_to_the_letter() -> None:
    mail = parsed(composed("two-holders"))
    names = [one.display_name for one in mail["To"].addresses]
    assert names == ["홍길동 팀장", "성춘향 팀장 업무대행"]
    assert mail["From"].addresses[0].display_name == "주요업무 알림"


class _Shown(HTMLParser):
    """The text that a reader of the page sees."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag == "title"

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.pieces.append(data)

    @classmethod
    def of(cls, html: str) -> str:
        parser = cls()
        parser.feed(html)
        return " ".join("".join(parser.pieces).split())

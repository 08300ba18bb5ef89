"""통합: what belonged to a unit that goes into another: its posts and who held them, its rules, rounds and roles."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import (
    AccountRole,
    Assignment,
    CollectionRound,
    CollectionSchedule,
    FormerPost,
    Handover,
    Milestone,
    Post,
    Project,
    ReminderRule,
    RoundState,
    StatusRequest,
    SupportingPost,
    UnitKind,
)
from schedules import words
from schedules.arrangement import Place
from schedules.rearranged import DAY, Rearranged
from schedules.requests import OUTSTANDING
from schedules.responsibility import HEAD_TITLES
from schedules.rows import among

Scoped = TypeVar("Scoped", ReminderRule, CollectionSchedule)


def merge_posts(
    session: Session, source: Place, target: Place, reorganisation_id: int, on: date, now: datetime, done: Rearranged
) -> list[tuple[int, str]]:
    """The head's post ends and the target's head takes over; others move, or end where the target has their like.

    Whoever held a post that ends holds it until the day before; who was no head holds its like from that day. Returns
    the persons who led the unit, with the post.
    """
    led = []
    theirs = list(session.exec(select(Post).where(Post.unit_id == target.id).order_by(col(Post.id))))
    head = _head(theirs, target.kind)
    if head is None:
        head = Post(unit_id=target.id, title=HEAD_TITLES[target.kind][0])
        session.add(head)
        session.flush()
        theirs.append(head)
    for post in session.exec(select(Post).where(Post.unit_id == source.id).order_by(col(Post.id))).all():
        was = words.post_name(source.name, post.title)
        is_head = post.title in HEAD_TITLES[source.kind]
        successor = head if is_head else next((one for one in theirs if one.title == post.title), None)
        if successor is None:
            until_on = on - DAY
            session.add(
                FormerPost(reorganisation_id=reorganisation_id, post_id=_id(post), unit_id=source.id, until_on=until_on)
            )
            post.unit_id = target.id
            session.add(post)
            done.posts.append(f"{was} → {words.post_name(target.name, post.title)}")
            continue
        holders = end_holders(session, _id(post), on, now)
        if is_head:
            led += [(person_id, was) for person_id, _ in holders]
        else:
            session.add_all(
                Assignment(post_id=_id(successor), person_id=person_id, from_on=on, until_on=until_on)
                for person_id, until_on in holders
            )
        _succeed(session, post, _id(successor))
        done.ended_posts[_id(post)] = _id(successor)
        done.posts.append(f"{was} → {words.post_name(target.name, successor.title)}")
    session.flush()
    return led


def end_holders(session: Session, post_id: int, on: date, now: datetime) -> list[tuple[int, date | None]]:
    """Who holds the post across that day holds it until the day before; returns them, with the end they had."""
    found = []
    for row in session.exec(select(Assignment).where(Assignment.post_id == post_id)).all():
        if row.from_on < on and (row.until_on is None or row.until_on >= on):
            found.append((row.person_id, row.until_on))
            row.until_on, row.ended_at = on - DAY, now
            session.add(row)
    session.flush()
    return found


def rescope(session: Session, source: Place, target: Place, now: datetime, done: Rearranged) -> None:
    """What was set for the merged unit holds for the one it went into, unless that has its own; roles go along."""
    rules = _in_force(session, ReminderRule, source, target)
    own_asks = {rule.ask for rule in rules if rule.unit_id == target.id}
    for rule in rules:
        if rule.unit_id == source.id:
            done.rules.append(_set_anew(session, rule, target, now, is_taken=rule.ask in own_asks))
    schedules = _in_force(session, CollectionSchedule, source, target)
    has_own = any(schedule.unit_id == target.id for schedule in schedules)
    for schedule in schedules:
        if schedule.unit_id == source.id:
            done.schedules.append(_set_anew(session, schedule, target, now, is_taken=has_own))
    roles = session.exec(select(AccountRole).where(col(AccountRole.unit_id).in_((source.id, target.id)))).all()
    known = {(role.account_id, role.role) for role in roles if role.unit_id == target.id}
    theirs = [role for role in roles if role.unit_id == source.id]
    for role in theirs:
        if (role.account_id, role.role) in known:
            session.delete(role)
        else:
            role.unit_id = target.id
            session.add(role)
    if theirs:
        done.roles.append(f"{source.name}의 계정 권한 {len(theirs)}개가 {target.name} 전체로 넓어집니다")
    session.flush()


def end_scoped(session: Session, unit: Place, now: datetime, done: Rearranged) -> None:
    """What was set for a unit that is closed holds for nothing any more, and is switched off; roles see nothing."""
    done.rules += [_switch_off(session, row, unit, now) for row in _in_force(session, ReminderRule, unit, unit)]
    done.schedules += [
        _switch_off(session, row, unit, now) for row in _in_force(session, CollectionSchedule, unit, unit)
    ]
    roles = session.exec(select(AccountRole).where(col(AccountRole.unit_id) == unit.id)).all()
    if roles:
        done.roles.append(f"{unit.name}의 계정 권한 {len(roles)}개로는 볼 것이 없어집니다")
    session.flush()


def hand_requests(session: Session, done: Rearranged) -> None:
    """What an open round asked a post that ended is asked of the one that took over: same request, same due time.

    Requests about one milestone follow its responsible post by planning anew.
    """
    rows = session.exec(
        select(StatusRequest, CollectionRound.title)
        .join(CollectionRound, col(CollectionRound.id) == col(StatusRequest.round_id))
        .where(among(col(StatusRequest.post_id), done.ended_posts), CollectionRound.state == RoundState.OPEN)
        .order_by(col(StatusRequest.id))
    ).all()
    for request, title in rows:
        request.post_id = done.ended_posts[request.post_id]
        session.add(request)
        done.requests += request.state in OUTSTANDING
        if title not in done.rounds:
            done.rounds.append(title)
    session.flush()


def _succeed(session: Session, post: Post, successor_id: int) -> None:
    """Whatever names the post from now on means its successor; what it was asked and answered stays its own."""
    session.exec(update(Post).where(col(Post.successor_id) == post.id).values(successor_id=successor_id))
    post.successor_id = successor_id
    session.add(post)
    session.exec(update(Project).where(col(Project.post_id) == post.id).values(post_id=successor_id))
    session.exec(update(Milestone).where(col(Milestone.post_id) == post.id).values(post_id=successor_id))
    _support_instead(session, _id(post), successor_id)
    waiting = col(Handover.notification_id).is_not(None) & col(Handover.accepted_at).is_(None)
    session.exec(update(Handover).where(col(Handover.post_id) == post.id, waiting).values(post_id=successor_id))


def _support_instead(session: Session, post_id: int, successor_id: int) -> None:
    """What the post supported its successor does, each once."""
    theirs = col(SupportingPost.post_id).in_((post_id, successor_id))
    rows = session.exec(select(SupportingPost).where(theirs).order_by(col(SupportingPost.id))).all()
    has = {(row.project_id, row.milestone_id) for row in rows if row.post_id == successor_id}
    for row in rows:
        if row.post_id == post_id and (row.project_id, row.milestone_id) in has:
            session.delete(row)
        elif row.post_id == post_id:
            row.post_id = successor_id
            session.add(row)
    session.flush()


def _head(posts: Sequence[Post], kind: UnitKind) -> Post | None:
    titles = HEAD_TITLES[kind]
    leading = [post for post in posts if post.title in titles]
    return min(leading, key=lambda post: (titles.index(post.title), post.id or 0), default=None)


def _in_force(session: Session, model: type[Scoped], source: Place, target: Place) -> Sequence[Scoped]:
    wanted = select(model).where(col(model.unit_id).in_((source.id, target.id)), col(model.disabled_at).is_(None))
    return session.exec(wanted.order_by(col(model.id))).all()


def _switch_off(session: Session, row: ReminderRule | CollectionSchedule, unit: Place, now: datetime) -> str:
    row.disabled_at = now
    session.add(row)
    return f"'{row.name}' 꺼짐 ({unit.name}에만 적용되던 것입니다)"


def _set_anew(
    session: Session, row: ReminderRule | CollectionSchedule, target: Place, now: datetime, *, is_taken: bool
) -> str:
    if is_taken:
        row.disabled_at = now
        said = f"'{row.name}' 꺼짐 ({target.name}에 정한 것을 따릅니다)"
    else:
        row.unit_id = target.id
        said = f"'{row.name}'이(가) {target.name} 전체에 적용됩니다"
    session.add(row)
    return said


def _id(post: Post) -> int:
    assert post.id is not None
    return post.id

"""조직개편 in Korean: what moves, and who hears then, one line each."""

from schedules.hearing import Hearing
from schedules.rearranged import Rearranged
from schedules.reorganisation import Decided


def state_words(one: Decided) -> str:
    """Where it stands."""
    if one.cancelled_at is not None:
        return "취소"
    if one.carried_out_at is not None:
        return "시행"
    return f"시행하지 못함: {one.error}" if one.error else "예정"


def effects(done: Rearranged, links: int) -> list[str]:
    """What moves, one line a kind of thing; nothing for what does not."""
    moved = done.plan
    lines = [f"직위: {one}" for one in done.posts]
    if done.without_post:
        names = ", ".join(done.without_post)
        lines.append(f"맡은 자리가 없어지는 사람: {names}. 인사이동 명단에서 새 자리를 정해 주세요")
    if done.projects:
        lines.append(f"사업 {done.projects}건이 옮겨집니다")
    if done.milestones:
        lines.append(f"열린 일정 {done.milestones}건의 담당 직위가 바뀝니다")
    if done.requests or done.rounds:
        rounds = f" ({', '.join(done.rounds)})" if done.rounds else ""
        lines.append(f"취합 요청 {done.requests}건을 이어받은 직위에 묻습니다{rounds}")
    if moved.planned or moved.cancelled or moved.moved:
        lines.append(f"알림: {moved.planned}건 새로, {moved.cancelled}건 취소, {moved.moved}건 옮김")
    lines += [f"규칙: {one}" for one in done.rules]
    lines += [f"취합 일정: {one}" for one in done.schedules]
    lines += [f"권한: {one}" for one in done.roles]
    if done.chains:
        lines.append(f"이미 시작한 상급자 보고 {done.chains}건은 처음 정한 직위로 갑니다")
    if links:
        lines.append(f"통합되는 자리의 링크 {links}개가 닫힙니다")
    return lines


def hearing_words(one: Hearing) -> str:
    """`행정지원과장: 행정지원과 과장 김과장. 일정 3건, 이전 담당 자치행정과장 홍길동. 상급 보고: 행정국장`."""
    hears = ", ".join(one.hears) or "받을 사람이 없습니다"
    why = f" ({one.reason})" if one.reason else ""
    above = " → ".join(one.above)
    before = f", 이전 담당 {', '.join(one.before)}" if one.before else ""
    taken = f" 일정 {one.items}건{before}." if one.items else ""
    return f"{one.post}: {hears}{why}.{taken}" + (f" 상급 보고: {above}" if above else "")

"""Which team of a department a project probably belongs to, guessed from the teams' printed duties; never certain."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from documents.markup import squeeze
from documents.reading import TeamGuess, UnitRow

_WORD = re.compile(r"[가-힣A-Za-z0-9]{2,}")
_MAX_CONFIDENCE = 0.95
_EMPTY_WORDS = frozenset(
    (
        "사업",
        "추진",
        "운영",
        "관리",
        "지원",
        "업무",
        "관련",
        "실시",
        "계획",
        "수립",
        "구축",
        "강화",
        "활성화",
        "조성",
        "제공",
        "확대",
    )
)


def guess_team(
    teams: Sequence[UnitRow], weighted: Mapping[str, float], owners: Sequence[str] = (), unlisted: Sequence[str] = ()
) -> tuple[TeamGuess, ...]:
    """Return the department's teams, the likeliest first, each with a confidence and the words it rests on.

    `weighted` maps the project's texts to what each counts (its title most). Two texts are alike by the pieces of
    words they share, each counting the more the fewer teams have it. A team that the project names as its own
    (`owners`, the values of 담당부서 and the like) comes first, also one that no list of teams holds (`unlisted`).
    Confidence is the lead over the next team, at most
    0.95; without any shared piece there is no guess.
    """
    named = [team for team in teams if any(team.name in squeeze(text) for text in owners)]
    if named:
        return tuple(TeamGuess(team.name, round(_MAX_CONFIDENCE / len(named), 2), "문서에 적힌 팀") for team in named)
    if unlisted:
        return (TeamGuess(unlisted[0], _MAX_CONFIDENCE, "문서에 적힌 팀"),)
    owned = {team.name: _pieces(" ".join((team.name.removesuffix("팀"), *team.duties))) for team in teams}
    spread = Counter(piece for pieces in owned.values() for piece in pieces)
    wanted: Counter[str] = Counter()
    for text, weight in weighted.items():
        for piece in _pieces(text):
            wanted[piece] += weight  # type: ignore[assignment]
    scores = []
    for team in teams:
        shared = {
            piece: wanted[piece] * len(piece) * math.log((len(teams) + 1) / spread[piece])
            for piece in owned[team.name]
            if piece in wanted and (len(teams) == 1 or spread[piece] < len(teams))
        }
        reason = ", ".join(sorted(shared, key=lambda piece: (-shared[piece], piece))[:3])
        scores.append((sum(shared.values()) / math.sqrt(len(owned[team.name]) or 1), team.name, reason))
    scores.sort(key=lambda score: -score[0])
    if not scores or scores[0][0] == 0:
        return ()
    best = scores[0][0]
    second = scores[1][0] if len(scores) > 1 else 0.0
    first = min(_MAX_CONFIDENCE, 0.35 + 0.65 * (best - second) / best)
    rest = [(name, reason, (1 - first) * score / best) for score, name, reason in scores[1:] if score > 0]
    return (
        TeamGuess(scores[0][1], round(first, 2), scores[0][2]),
        *(TeamGuess(name, round(min(value, first), 2), reason) for name, reason, value in rest),
    )


def _pieces(text: str) -> set[str]:
    """The pieces of two to four characters of each word: Korean glues its nouns, so whole words rarely match."""
    found: set[str] = set()
    for word in _WORD.findall(text):
        for size in (2, 3, 4):
            found.update(word[at : at + size] for at in range(len(word) - size + 1))
    return found - _EMPTY_WORDS

"""Reminders that are all due at once, with a trivial channel, against the peers' jobs."""

from bench import hands, peers
from bench.city import SLOT, build_city, fill_yesterday
from bench.ground import Figure, Ground, Stopwatch, analyze
from models.database import make_engine, write
from notifications.outbox import Dispatched, dispatch_due
from schedules.office_days import load_calendar

GOALS = {"celery": 25, "huey": 10, "procrastinate": 80}
NOTE = (
    "due → last reminder told; dispatch in one process, delivery meanwhile in two; peers with two workers; claim, "
    "lease, reading anew, link, outcome and recipients stand in the database; no text composed, the channel reads none"
)


def run(on: Ground, size: int) -> list[Figure]:
    """Ours twice: as many posts as reminders, and a fifth of the posts with five each."""
    alone = ours(on, posts=size, each=1)
    figures = [
        Figure("due", "Dday, one a post", alone, "reminders/s", note=NOTE),
        Figure("due", "Dday, five a post", ours(on, posts=max(1, size // 5), each=5), "reminders/s", note=NOTE),
    ]
    for peer, goal in GOALS.items():
        url = on.database(dday=False) if peer == "procrastinate" else on.broker()
        seconds = peers.measure(peer, url, on.new_folder(peer), size, lead_seconds=8 + size / 800)
        rate = size / seconds
        figures.append(
            Figure(
                "due",
                peer,
                rate,
                "jobs/s",
                alone / rate,
                "Dday, one a post, against it",
                f"{goal}×",
                alone / rate >= goal,
            )
        )
    return figures


def ours(on: Ground, posts: int, each: int) -> float:
    url = on.database()
    engine = make_engine(url)
    settings = on.settings(url)
    fill_yesterday(engine, build_city(engine, settings, posts, each))
    analyze(url)
    path = on.new_folder("ours") / "told"
    started = hands.start(url, on.folder, str(path), processes=2)
    watch = Stopwatch()
    hands.begin(started)
    while True:
        with write(engine) as session:
            step = dispatch_due(session, hands.NOW, settings, load_calendar(session))
        if step == Dispatched():
            break
    sent = hands.finish(started)
    seconds = watch.seconds
    engine.dispose()
    if sent != posts:
        raise RuntimeError(f"{sent} of {posts} messages were sent for {SLOT}")
    return posts * each / seconds

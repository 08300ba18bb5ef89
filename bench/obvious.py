"""The version that one would write first: one Celery task a mail, a connection a mail, EmailMessage, ORM.

`python -m bench.obvious BROKER DATABASE PORT work|send [COUNT]`.
"""

import smtplib
import sys
from email.message import EmailMessage

from celery import Celery, signals
from jinja2 import Environment
from sqlmodel import Session, create_engine, select

from models import Milestone, Person, Project

TEMPLATE = """<html><body><p>{{ person.name }} 팀장님, 안녕하십니까.</p><table>
{% for item in items %}<tr><td style="padding:8px 12px;border-bottom:1px solid #d5dbe1">{{ item.label }}</td>
<td>{{ item.raw }}</td><td>{{ project.title }}</td></tr>{% endfor %}</table>{{ filler }}</body></html>"""
FILLER = "<p style='color:#4a5560;font-size:13px'>이 메일은 자동으로 보냈습니다. 한 번에 답하기를 눌러 주세요.</p>" * 60


def make_app(broker: str, database: str, port: int) -> Celery:
    app = Celery("obvious", broker=broker)
    app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False, worker_redirect_stdouts=False)
    engine = create_engine(database)
    template = Environment(autoescape=True).from_string(TEMPLATE)

    @app.task(name="send_mail")
    def send_mail(number: int) -> None:
        with Session(engine) as session:
            person = session.get_one(Person, number)
            project = session.get_one(Project, number)
            items = session.exec(select(Milestone).where(Milestone.project_id == number)).all()
            mail = EmailMessage()
            mail["Subject"], mail["From"], mail["To"] = (
                f"[일정 알림] {project.title}",
                "dday@office.example",
                person.email,
            )
            mail.set_content("\n".join(f"{item.label} {item.raw}" for item in items))
            mail.add_alternative(
                template.render(person=person, project=project, items=items, filler=FILLER), subtype="html"
            )
            with smtplib.SMTP("127.0.0.1", port) as server:
                server.send_message(mail)
            person.phone = "sent"
            session.add(person)
            session.commit()

    return app


def main(broker: str, database: str, port: str, verb: str, count: str = "0") -> None:
    app = make_app(broker, database, int(port))
    if verb == "work":
        signals.worker_ready.connect(lambda **_: print("ready", flush=True), weak=False)
        app.worker_main(["worker", "--concurrency=2", "--loglevel=ERROR"])
    else:
        for number in range(1, int(count) + 1):
            app.send_task("send_mail", (number,))


if __name__ == "__main__":
    main(*sys.argv[1:])

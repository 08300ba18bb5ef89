"""The channel that only takes notes: what a preview would have sent."""

from notifications.channels import OutgoingMail, Receipt


class NotedChannel:
    """Accepts everything and keeps it, in order, in `mails`."""

    is_real = False
    reads_content = True

    def __init__(self) -> None:
        self.mails: list[OutgoingMail] = []

    def deliver(self, mail: OutgoingMail, _following: OutgoingMail | None = None, /) -> Receipt:
        self.mails.append(mail)
        return Receipt("noted")

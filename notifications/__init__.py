"""Who hears, and how: due reminders become messages, messages become mails, mails bring answers back."""

"""When: what a date expression means, which days are working days, what is due and when."""

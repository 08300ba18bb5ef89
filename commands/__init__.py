"""The `dday` command, one file a group of verbs: reads what was typed, calls the rooms, prints what happened."""

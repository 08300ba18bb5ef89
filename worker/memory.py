"""How often a long-running process looks for garbage that only a search can find."""

import gc

YOUNG_OBJECTS = 50_000  # a batch of five hundred mails makes some ten thousand rows that live and die together


def look_for_garbage_seldom() -> None:
    """Whatever is loaded by now is never looked through again; new objects after every YOUNG_OBJECTS.

    By default Python looks after every 700: an eighth of the time of a mail. Objects without cycles, which is nearly
    all of them, are freed at once as ever.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)

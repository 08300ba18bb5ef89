"""The clock and the hands: what runs when, in one process or in many."""

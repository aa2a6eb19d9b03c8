"""What the words around a number tell of it."""

from __future__ import annotations

import re

from text.english.rule import word_after, words_of

FUNCTION_WORDS = words_of(
    """
    a an the and or but nor so yet if as at by for from in into of off on onto out over to up with within
    without about above across after against along among around because before behind below beneath beside
    between beyond despite down during except inside like near since than that though through throughout till
    toward towards under underneath unless until upon when where whether which while who whom whose why how what
    i you he she it we they me him her us them my your his its our their mine this these those there here is am
    are was were be been being has have had do does did will would shall should can could may might must not no
    never only just even also again already always now then too very both either neither still vs
    versus compared came come comes began begins ended ends started starts won lost
    """
)
"""Words that can follow a date or a year, while a thing that is counted cannot be one."""

SENTENCE_STARTERS = words_of(
    """
    a an the this that these those it he she we they i you there here in on at by for from if when while where
    after before as but and or so then now what who why how his her our their my your its not no yes do does did
    is are was were will would can could should let let's don't i'm it's he's she's we're they're you're that's
    there's however also although because since until once all some many most every each both one just never
    always
    """
)
"""Words with a capital that more likely begin a sentence than are a name."""


def counts_something(match: re.Match[str]) -> bool:
    """Whether a thing that is counted follows: "1500 games", but not "1500 and", "1500 Riot" or "1500."."""
    following = word_after(match)
    return following.islower() and following.lower() not in FUNCTION_WORDS

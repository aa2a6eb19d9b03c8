"""What a script says, written in one line, so that tables of tests stay readable."""

from text.script import Script

LETTERS = frozenset(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,!?'-")
"""What the small voice can say."""


def in_one_line(script: Script) -> str:
    """The spoken sentences, each followed by ` | ` or its pause, and by its pace if that is not 1.

    `(0.5) Hi. | You two. x0.75 (1)` waits half a second, says two sentences, the second one slowly, and waits a second.
    """
    parts = [f"({script.pause_before:g})"] if script.pause_before else []
    for sentence in script.sentences:
        parts.append(sentence.spoken)
        parts += [f"x{sentence.rate:g}"] if sentence.rate != 1 else []
        parts.append(f"({sentence.pause_after:g})" if sentence.pause_after else "|")
    return " ".join(parts).removesuffix(" |")

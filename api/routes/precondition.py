"""If-Match and If-None-Match (RFC 9110, section 13.1)."""

from collections.abc import Callable


def precondition(if_match: str, if_none_match: str) -> Callable[[str | None], bool]:
    """Whether a request may change what is there.

    Args:
        if_match: the header, empty for none: tags of which one must be there, or * for any.
        if_none_match: the header, empty for none: tags of which none may be there, or * for none at all.

    Returns:
        What tells it of a resource's ETag, None where there is no such resource.
    """

    def holds(etag: str | None) -> bool:
        if if_match and not _names(if_match, etag):
            return False
        return not (if_none_match and _names(if_none_match.replace("W/", ""), etag))

    return holds


def _names(tags: str, etag: str | None) -> bool:
    if etag is None:
        return False
    return tags.strip() == "*" or etag in (tag.strip() for tag in tags.split(","))

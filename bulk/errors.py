"""Why a run ends before all is spoken. Ray carries these from its workers, so each is made of one string."""


class BulkError(Exception):
    """The run cannot go on; the message says why and what to do."""


class WriteError(BulkError):
    """What was spoken cannot be written."""

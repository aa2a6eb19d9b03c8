"""The ways an invocation can fail, each with the HTTP status and the sentence that the caller gets."""

from __future__ import annotations

import json
from http import HTTPStatus

try:  # The PyTorch container's toolkit keeps a status code only if the exception is one of its own.
    from sagemaker_inference.errors import BaseInferenceToolkitError
except ImportError:  # AWS's Ray Serve container has no toolkit, and needs none.

    class BaseInferenceToolkitError(Exception):  # type: ignore[no-redef]
        """The toolkit's exception, as far as it is used here."""

        def __init__(self, status_code: int, message: str, phrase: str) -> None:
            self.status_code, self.message, self.phrase = status_code, message, phrase
            super().__init__(status_code, message, phrase)


PROBLEM_JSON = "application/problem+json"


class InvocationError(BaseInferenceToolkitError):  # type: ignore[misc]
    """An answer other than 2xx: `message` is its body, a problem document (RFC 9457) as JSON.

    Args:
        status: HTTP status of the answer.
        detail: what is wrong and what the caller can do about it; it is shown to callers as it is.
        fields: the input fields that are wrong, each with the reason.
        retry_after: seconds after which the same request may succeed. It stands in the body, because SageMaker
            passes no header of an error answer on.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        fields: list[tuple[str, str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        problem: dict[str, object] = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": detail,
        }
        if fields:
            problem["errors"] = [{"field": field, "reason": reason} for field, reason in fields]
        if retry_after is not None:
            problem["retry_after"] = retry_after
        super().__init__(status.value, json.dumps(problem), status.phrase)

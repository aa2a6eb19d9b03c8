"""With a key the gateway lets in who brings it, and refuses the others as API Gateway does."""

from collections.abc import Iterator

import httpx
import pytest

from local.gateway import RestApi, create_app
from local.keys import ADMIN_KEY_ID, API_KEY_ID, Keys
from tests.support.serving import served

KEY = "0123456789abcdefghij"
ADMIN = "jihgfedcba9876543210"
HANDLER = """
def handler(event, context):
    return {"statusCode": 200, "body": event["requestContext"]["identity"]["apiKeyId"] or ""}
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("code")
    (folder / "app.py").write_text(HANDLER)
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(folder)
        yield


@pytest.fixture(scope="module")
def gateway(code: None) -> Iterator[httpx.Client]:  # noqa: ARG001
    app = create_app(RestApi.read(), keys=Keys.read({"API_KEY": KEY, "ADMIN_KEY": ADMIN}))
    with served(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def status(gateway: httpx.Client, method: str, path: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return gateway.request(method, path, headers=named).status_code


@pytest.mark.parametrize(("method", "path"), [("GET", "/voices"), ("HEAD", "/voices/ahri"), ("POST", "/voice")])
def test_the_key_is_taken_from_either_header(gateway: httpx.Client, method: str, path: str) -> None:
    assert status(gateway, method, path, x_api_key=KEY) == 200
    assert status(gateway, method, path, Authorization=f"Bearer {KEY}") == 200
    assert status(gateway, method, path, authorization=f"bearer  {KEY}") == 200


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"x-api-key": "wrong"}, {"x-api-key": KEY + "k"}], ids=str)
def test_without_the_key_it_is_403_as_a_problem(gateway: httpx.Client, headers: dict[str, str]) -> None:
    answer = gateway.get("/voices", headers=headers)

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert "x-api-key" in answer.json()["detail"]


def test_with_another_bearer_token_it_is_401_in_openais_shape(gateway: httpx.Client) -> None:
    answer = gateway.get("/voices", headers={"Authorization": f"Bearer {ADMIN[::-1]}x"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/json")
    assert answer.json()["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize("headers", [{}, {"Authorization": KEY}, {"Authorization": "Bearer short"}], ids=str)
def test_openais_paths_without_a_token_are_401(gateway: httpx.Client, headers: dict[str, str]) -> None:
    answer = gateway.post("/v1/audio/speech", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"] == {
        "message": "Send an API key of this service as Authorization: Bearer KEY.",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_api_key",
    }


def test_what_needs_no_key_gets_through_without(gateway: httpx.Client) -> None:
    for method, path in [("GET", "/health"), ("GET", "/docs"), ("OPTIONS", "/voice"), ("OPTIONS", "/v1/models")]:
        assert status(gateway, method, path) == 200


def test_a_path_that_the_first_api_has_not_is_404_there(gateway: httpx.Client) -> None:
    assert status(gateway, "GET", "/nothing", x_api_key=KEY) == 404
    assert status(gateway, "GET", "/nothing", Authorization=f"Bearer {KEY}") == 200, "the Lambda's to answer"


@pytest.mark.parametrize(
    ("keys", "key", "key_id"),
    [
        ({"API_KEY": KEY, "ADMIN_KEY": ADMIN}, KEY, API_KEY_ID),
        ({"API_KEY": KEY, "ADMIN_KEY": ADMIN}, ADMIN, ADMIN_KEY_ID),
        ({"API_KEY": KEY, "ADMIN_KEY": ""}, KEY, ADMIN_KEY_ID),
        ({"API_KEY": KEY}, ADMIN, None),
        ({"ADMIN_KEY": ADMIN}, KEY, None),
        ({"ADMIN_KEY": ADMIN}, ADMIN, ADMIN_KEY_ID),
        ({}, "", ADMIN_KEY_ID),
    ],
    ids=str,
)
def test_a_key_has_an_id_and_without_an_admin_key_every_caller_is_one(
    keys: dict[str, str], key: str, key_id: str | None
) -> None:
    assert Keys.read(keys).id_of(key) == key_id


def test_the_lambda_is_told_whose_request_it_has(gateway: httpx.Client) -> None:
    def told(**headers: str) -> str:
        return gateway.get("/voices", headers={name.replace("_", "-"): value for name, value in headers.items()}).text

    assert told(x_api_key=KEY) == told(Authorization=f"Bearer {KEY}") == API_KEY_ID
    assert told(x_api_key=ADMIN) == told(Authorization=f"Bearer {ADMIN}") == ADMIN_KEY_ID
    assert gateway.get("/health").text == ""


def test_where_no_key_is_set_everybody_is_let_in(code: None) -> None:  # noqa: ARG001
    with served(create_app(RestApi.read())) as url, httpx.Client(base_url=url, timeout=30) as gateway:
        assert status(gateway, "GET", "/voices") == 200
        assert status(gateway, "PUT", "/voices/ahri") == 200

"""A door with errors of another shape is made of the same parts, and leaves the first as it was."""

import json

from aws_lambda_powertools.event_handler import Response

import app
from contract.formats import JSON
from contract.problem import Problem
from routes import door, lines
from tests.support.doors import CONTEXT, http_event, speak


def answer_in_one_sentence(problem: Problem) -> Response[str | bytes]:
    param = problem.errors[0].field if problem.errors else None
    return Response(problem.status, JSON, json.dumps({"error": {"message": problem.detail, "param": param}}))


def test_two_doors_answer_the_same_failure_each_in_its_own_shape() -> None:
    event = http_event("POST", "/voice", b'{"champion_id": "yasou", "text": "Hello."}', {"Content-Type": JSON})
    second = door.make_resolver([lines.router], answer_in_one_sentence)

    answers = [door.handle(event, CONTEXT, second), app.handler(event, CONTEXT)]

    assert [answer["statusCode"] for answer in answers] == [404, 404]
    other, first = (json.loads(answer["body"]) for answer in answers)
    assert other == {"error": {"message": first["detail"], "param": "champion_id"}}
    assert first["errors"][0]["field"] == "champion_id"


def test_a_door_answers_no_path_of_another() -> None:
    second = door.make_resolver([lines.router], answer_in_one_sentence)

    answer = door.handle(http_event("GET", "/voices"), CONTEXT, second)

    assert answer["statusCode"] == 404
    assert json.loads(answer["body"]).keys() == {"error"}
    assert speak().status == 200

"""A refusal names the field and says why, and repeats nothing that the caller sent."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract.line import CHAMPION_ID_RULE, ChampionId
from contract.problem import MAX_FIELD_ERRORS, MAX_FIELD_NAME, InvalidRequest, Problem, invalid_request, refused_field


class Numbers(BaseModel):
    model_config = ConfigDict(extra="forbid")

    numbers: list[int] = Field(default=[])


class Named(BaseModel):
    model_config = ConfigDict(extra="forbid")

    champion_id: ChampionId
    count: int


def refused(model: type[BaseModel], fields: object) -> InvalidRequest:
    try:
        model.model_validate(fields)
    except ValidationError as error:
        return invalid_request(error.errors())
    raise AssertionError("nothing was refused")


def test_every_refused_field_is_named_with_its_reason() -> None:
    problem = refused(Named, {"champion_id": "../x", "volume": 1})

    assert {error.field: error.reason for error in problem.errors} == {
        "champion_id": CHAMPION_ID_RULE,
        "count": "is required",
        "volume": "is not a field of this request",
    }
    assert problem.detail == "; ".join(f"{error.field}: {error.reason}" for error in problem.errors)


def test_a_field_inside_another_is_named_by_its_path() -> None:
    assert [error.field for error in refused(Numbers, {"numbers": [1, "x"]}).errors] == ["numbers.1"]


def test_what_is_no_object_is_the_body() -> None:
    assert [error.field for error in refused(Numbers, 3).errors] == ["body"]


def test_the_names_and_the_number_of_a_callers_fields_are_cut() -> None:
    problem = refused(Numbers, {f"{'x' * 1000}{number}": 1 for number in range(99)})

    assert len(problem.errors) == MAX_FIELD_ERRORS
    assert all(len(error.field) == MAX_FIELD_NAME for error in problem.errors)


def test_a_refused_field_is_422_and_stands_in_the_detail_too() -> None:
    problem = refused_field("duration", "is too short for the text")

    assert (problem.status, problem.title) == (422, "Unprocessable Entity")
    assert problem.detail == "duration: is too short for the text"
    assert [(error.field, error.reason) for error in problem.errors] == [("duration", "is too short for the text")]


def test_a_status_without_a_name_has_a_title_all_the_same() -> None:
    problem = Problem("No.")
    problem.status = 499

    assert problem.title == "Request refused"

"""A line is spoken without servers, and each stage's time is told."""

import re
from pathlib import Path

import pytest
import soundfile

from local import say


@pytest.fixture
def environment(model_dir: Path, tmp_path: Path) -> dict[str, str]:
    return {"TEXT": "Take 2 waves.", "QUALITY": "fast", "MODEL_DIR": str(model_dir), "OUT": str(tmp_path / "line.wav")}


def refusal(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> str:
    """The one sentence that it ends with."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        say.main()
    message = str(caught.value.code)
    assert "\n" not in message
    return message


def test_a_line_is_spoken_into_a_file_and_every_stage_is_timed(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    line, model_dir, out = say.asked(environment)
    say.say(line, model_dir, out)
    assert soundfile.info(out).samplerate == 24000
    said = capsys.readouterr().out
    stages = re.findall(r"^  (.+?) +\d+\.\d\d s$", said, re.MULTILINE)
    assert stages == [
        "load the model",
        "prepare the reference",
        "read the text",
        "speak",
        "make it as loud as every line",
        "encode as wav",
    ]
    assert "ahri says in" in said
    assert "Take two waves." in said
    assert "noise" in said, "the model's notice"


def test_the_files_ending_chooses_the_format(environment: dict[str, str], tmp_path: Path) -> None:
    line, _, _ = say.asked(environment | {"OUT": str(tmp_path / "line.opus")})
    assert line.format == "opus"
    line, _, _ = say.asked(environment | {"OUT": str(tmp_path / "line.ogg"), "FORMAT": "opus"})
    assert line.format == "opus"
    line, _, _ = say.asked(environment | {"OUT": str(tmp_path / "line")})
    assert line.format == "wav"


def test_only_the_text_must_be_given() -> None:
    line, model_dir, out = say.asked({"TEXT": "Go."})
    assert (line.champion_id, line.quality, model_dir.name, out) == ("ahri", "standard", "small", Path("say.wav"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"TEXT": ""}, "text: "),
        ({"QUALITY": "best"}, "quality: "),
        ({"CHAMPION": "arhi"}, "There is no champion 'arhi'. Did you mean ahri"),
        ({"MODEL_DIR": "/nowhere"}, "model.yaml is missing"),
        ({"TEXT": "привет"}, "this voice cannot say"),
        ({"OUT": "/nowhere/line.wav"}, "/nowhere/line.wav"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    change: dict[str, str], told: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told in refusal(monkeypatch, environment | change)

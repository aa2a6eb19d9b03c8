"""A transcript ends as the network expects, and has the pace of speech in its script."""

import pytest

from contract.recording.finding import ReferenceUnusableError
from contract.recording.transcript import judge_pace, prompt


@pytest.mark.parametrize(
    ("transcript", "finished"),
    [
        ("Wait", "Wait.  "),
        ("Wait.", "Wait.  "),
        ("Wait. ", "Wait.  "),
        ("Wait!\n", "Wait!.  "),
        ("\ufeffWait.", "Wait.  "),
        ("等一下。", "等一下。"),
    ],
)
def test_a_transcript_ends_as_the_network_expects(transcript: str, finished: str) -> None:
    assert prompt(transcript) == finished


@pytest.mark.parametrize("transcript", ["", " \n", "\ufeff", "...", "?! — …"])
def test_a_transcript_without_a_word_is_empty(transcript: str) -> None:
    with pytest.raises(ReferenceUnusableError, match="transcript is empty"):
        prompt(transcript)


# What a person says in three seconds, hastily or slowly.
THREE_SECONDS = {
    "English": "Push the wave, then back off to the tower.",
    "German": "Bleibt hinter mir und wartet auf die Welle.",
    "Vietnamese": "Hãy đứng sau tôi và chờ đợt lính tới.",
    "English, hastily": "They are missing, so stay close to your tower and ward it, now.",
    "English, slowly": "Wait... for me.",
    "Russian": "Стойте за мной и ждите волну.",
    "Greek": "Μείνε πίσω μου και περίμενε το κύμα.",
    "Hebrew": "הישארו מאחוריי וחכו לגל הבא",
    "Arabic": "ابقوا خلفي وانتظروا الموجة القادمة",
    "Hindi": "मेरे पीछे रहो और लहर का इंतज़ार करो।",
    "Thai": "อยู่ข้างหลังฉันและรอคลื่น",
    "Chinese": "站在我后面,等下一波兵线。",
    "Japanese": "私の後ろにいて、波を待って。",
    "Korean": "내 뒤에 서서 다음 물결을 기다려.",
    "Chinese and English": "上路有人, be careful!",
    "a number": "Phone 555 0143, now.",
    "full width": "Ｗａｉｔ ｆｏｒ ｔｈｅ ｗａｖｅ ａｎｄ ｇｏ.",
}


@pytest.mark.parametrize("script", THREE_SECONDS)
def test_the_pace_of_speech_is_accepted_in_every_script(script: str) -> None:
    assert judge_pace(THREE_SECONDS[script], 3) == []


@pytest.mark.parametrize("script", THREE_SECONDS)
def test_ten_times_as_much_is_no_speech_in_any_script_and_a_tenth_neither(script: str) -> None:
    assert judge_pace(THREE_SECONDS[script] * 10, 3)
    assert judge_pace(THREE_SECONDS[script], 60)


def test_seventy_seven_characters_a_second_are_refused_with_the_time_that_they_take() -> None:
    [finding] = judge_pace("a" * 77, 1)
    assert str(finding) == (
        "the transcript has 77 letters, which take 3.1 to 51.3 s to say, and the recording lasts 1.0 s, so it cannot "
        "be what is said in it: put both right"
    )


@pytest.mark.parametrize(
    ("letters", "is_speech"), [("a" * 50, True), ("a" * 51, False), ("字" * 18, True), ("字" * 19, False)]
)
def test_a_chinese_character_counts_for_more_than_a_latin_letter(letters: str, is_speech: bool) -> None:
    assert (judge_pace(letters, 2) == []) == is_speech


def test_marks_and_spaces_take_no_time() -> None:
    assert judge_pace("So, wait: (here!) - and there...", 2) == judge_pace("Sowaithereandthere", 2) == []
    assert judge_pace("a" * 25 + " - " * 500, 1) == []


def test_letters_of_full_width_count_as_others() -> None:
    [wide], [narrow] = judge_pace("ｗａｉｔ" * 5, 20), judge_pace("wait" * 5, 20)
    assert wide == narrow

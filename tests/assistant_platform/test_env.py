"""Typed readers of the environment."""

import threading

import pytest

from assistant_platform import env


def test_a_text_loses_the_blanks_around_it(monkeypatch):
    monkeypatch.setenv("ASSISTANT_MODEL", "  small-model \n")

    assert env.read_text("ASSISTANT_MODEL") == "small-model"


@pytest.mark.parametrize(
    ("word", "flag"),
    [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False), ("", False)],
)
def test_a_flag_has_many_words_for_yes_and_no(monkeypatch, word, flag):
    monkeypatch.setenv("DEBUG", word)

    assert env.read_flag("DEBUG", default=True) is flag


def test_an_unset_flag_has_its_default(monkeypatch):
    monkeypatch.delenv("DEBUG", raising=False)

    assert env.read_flag("DEBUG", default=True) is True


def test_a_flag_that_is_neither_names_its_variable_and_the_remedy(monkeypatch):
    monkeypatch.setenv("DEBUG", "maybe")

    with pytest.raises(env.EnvironmentValueError) as caught:
        env.read_flag("DEBUG")

    assert str(caught.value) == "The environment variable DEBUG is 'maybe'; set it to 1 or 0."


@pytest.mark.parametrize("text", ["many", "-1", "1.5", "0", "1_000", "²"])
def test_a_number_that_is_none_or_too_small_names_what_is_wanted(monkeypatch, text):
    monkeypatch.setenv("PORT", text)

    with pytest.raises(env.EnvironmentValueError, match=r"PORT .* a whole number of at least 1\.$"):
        env.read_integer("PORT", 8000, minimum=1)


@pytest.mark.parametrize("text", ["", "  "])
def test_a_blank_number_counts_as_unset(monkeypatch, text):
    monkeypatch.setenv("PORT", text)

    assert env.read_integer("PORT", 8000) == 8000


def test_a_list_leaves_empty_parts_out(monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, ,b.example,")

    assert env.read_list("ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_a_path_is_absolute_and_knows_the_home_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DATA_DIR", "~/data")

    assert env.read_path("DATA_DIR", tmp_path) == tmp_path / "data"


def test_a_secret_is_made_once_and_read_by_us_alone(tmp_path):
    path = tmp_path / "data" / "secret_key"

    first, second = env.read_or_create_secret(path), env.read_or_create_secret(path)

    assert first == second
    assert len(first) >= 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secret_key"]


def test_of_processes_that_make_the_secret_together_all_read_the_same(tmp_path):
    path = tmp_path / "secret_key"
    read = []
    makers = [
        threading.Thread(target=lambda: read.append(env.read_or_create_secret(path)))
        for _ in range(2)
    ]

    for maker in makers:
        maker.start()
        maker.join()

    assert len(read) == 2
    assert len(set(read)) == 1

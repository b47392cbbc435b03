"""Where a memory applies."""

import pytest

from core.errors import InvalidInputError
from memories.scopes import normalize_prefix, prefixes_of, scope_in_words, vulnerability_classes


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("/", ""),
        ("/src/app/", "src/app"),
        ("  ./src//app ", "src/app"),
        ("src\\app\\view.py", "src/app/view.py"),
        ("src/my folder", "src/my folder"),
        ("src/..hidden", "src/..hidden"),
    ],
)
def test_a_prefix_is_kept_as_findings_name_paths(typed, kept):
    assert normalize_prefix(typed) == kept


@pytest.mark.parametrize("typed", ["..", "../etc", "src/../../etc", "src\\..", "C:\\src", "a\0b"])
def test_a_prefix_that_is_no_place_in_the_repository_is_refused(typed):
    with pytest.raises(InvalidInputError) as refused:
        normalize_prefix(typed)

    assert refused.value.field == "path_prefix"


def test_a_prefix_that_is_too_long_is_refused():
    with pytest.raises(InvalidInputError, match="501 characters"):
        normalize_prefix("a" * 501)


def test_prefixes_are_whole_segments():
    assert prefixes_of("src/app/a.py") == ["", "src", "src/app", "src/app/a.py"]


@pytest.mark.parametrize(
    ("metadata", "classes"),
    [
        ({}, []),
        ({"vulnerability_class": "XSS"}, ["XSS"]),
        ({"vulnerability_class": ["XSS ", "", 7, "SQL Injection"]}, ["XSS", "SQL Injection"]),
        ({"vulnerability_class": {"a": 1}}, []),
    ],
)
def test_classes_are_read_from_whatever_rules_say(metadata, classes):
    assert vulnerability_classes(metadata) == classes


def test_a_scope_is_told_in_words():
    everywhere = scope_in_words(project="", check_id="", vulnerability_class="", path_prefix="")
    narrow = scope_in_words(
        project="acme/shop", check_id="a.b", vulnerability_class="XSS", path_prefix="src"
    )

    assert everywhere == "All rules in all projects"
    assert narrow == "Rule a.b of the class XSS in project acme/shop, files under src"

"""Rule files that are as they should be, and files that would harm their reader."""

import os

import pytest

from rules.documents import RuleFileError, read_rules


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a text into a file and reads its rules."""

    def read(content, name="rules.yml"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_rules(file)

    return read


def test_each_rule_comes_with_its_file_and_line(read, tmp_path):
    found = read("# ours\nrules:\n  - id: a\n    message: first\n\n  - id: b\n")

    assert [(rule.place, rule.value) for rule in found] == [
        (f"{tmp_path}/rules.yml:3", {"id": "a", "message": "first"}),
        (f"{tmp_path}/rules.yml:6", {"id": "b"}),
    ]


def test_json_is_read_too(read):
    (rule,) = read('{"rules": [{"id": "a", "languages": ["python"]}]}', name="rules.json")

    assert rule.value == {"id": "a", "languages": ["python"]}


def test_a_byte_order_mark_does_no_harm(read):
    (rule,) = read(b"\xef\xbb\xbfrules: [{id: a}]")

    assert rule.value == {"id": "a"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("017", "017"),
        ("2026-01-01", "2026-01-01"),
        ("12:30", "12:30"),
        (".inf", ".inf"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("'5'", "5"),
        ("5", 5),
        ("-1", -1),
        ("0.5", 0.5),
        ("1.50.0", "1.50.0"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("'ä 😀'", "ä 😀"),
    ],
)
def test_words_are_read_as_their_authors_mean_them(read, text, value):
    (rule,) = read(f"rules:\n- word: {text}\n")

    assert rule.value == {"word": value}


def test_aliases_and_merges_within_bounds_are_taken(read):
    found = read(
        "rules:\n"
        "- &base\n  id: a\n  metadata: &about {cwe: CWE-89}\n"
        "- <<: *base\n  id: b\n  more: *about\n"
    )

    assert [rule.value for rule in found] == [
        {"id": "a", "metadata": {"cwe": "CWE-89"}},
        {"id": "b", "metadata": {"cwe": "CWE-89"}, "more": {"cwe": "CWE-89"}},
    ]


def doubling(levels):
    """Return a text of few lines that unfolds to 9 ** `levels` values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        names = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} [{names}]")
    return "\n".join([*lines, f"rules: [*a{levels - 1}]"])


def repeating(times):
    """Return a text whose few values are one long text, `times` times."""
    return f"a: &a {'x' * 50_000}\nrules: [{', '.join(['*a'] * times)}]"


def chain(length):
    """Return a text that is flat as written, and `length` levels deep when unfolded."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, length)]
    return "\n".join([*lines, f"rules: [*a{length - 1}]"])


@pytest.mark.parametrize(
    "text",
    [
        doubling(9),
        chain(100),
        repeating(50),
        "rules: " + "[" * 100 + "]" * 100,
        "rules: " + "[" * 500_000,
        "rules: " + "{a: " * 100_000,
        "- " * 300_000,
        "rules: &x [*x]",
        "rules: &x\n- id: a\n  metadata: {again: *x}",
        "rules: [" + "x," * 150_000 + "]",
    ],
    ids=[
        "doubling",
        "chain",
        "repeating",
        "deep",
        "open",
        "maps",
        "dashes",
        "self",
        "inner self",
        "long",
    ],
)
def test_a_text_that_unfolds_to_too_much_is_refused(read, text):
    with pytest.raises(RuleFileError, match="unfolds to more than") as refusal:
        read(text)

    assert refusal.value.code == "rule_file_unreadable"
    assert refusal.value.field == "files"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00r", "not UTF-8 text: save it as UTF-8"),
        ("rules: [é]".encode("latin-1"), "not UTF-8 text"),
        (b"\x7fELF\x00\x00", "binary file"),
        (b"rules: [\x01]", "not plain YAML"),
        (b"rules:\n- id: a\n  - b", "not plain YAML"),
        (b"rules: [", "not plain YAML"),
        (b"rules: [*nobody]", "unfolds to more|not plain YAML"),
        (b"rules: [{id: a}]\n---\nrules: []", "not plain YAML"),
        (b"", "must be a mapping with the key `rules`"),
        (b"just words", "must be a mapping"),
        (b"[{id: a}]", "must be a mapping"),
        (b"rule: [{id: a}]", "`rules` must be a list"),
        (b"rules: {id: a}", "`rules` must be a list"),
        (b"rules: []", "at least one rule"),
        (b"rules:", "at least one rule"),
        (b"rules: [{id: a}]\nextra: 1", "keys beside `rules` .'extra'."),
        (b"rules: [{id: a}]\n[1, 2]: 1", "keys beside `rules`"),
        (b"rules: [{id: a}]\nrules: [{id: b}]", "key 'rules' stands twice"),
        (b"rules: [{id: a, id: b}]", "key 'id' stands twice"),
        (b"rules: [{1: a}]", "key 1 is not text"),
        (b"rules: [{[a]: b}]", "not plain YAML"),
        (b'rules: ["a\\0b"]', "JSON cannot hold"),
        (b'rules: ["\\ud800"]', "JSON cannot hold|not plain YAML"),
        (b"rules: [1e999]", "JSON cannot hold"),
        (b"rules: [99999999999999999]", "JSON cannot hold"),
        (b"rules: [!!python/object/apply:os.system [id]]", "tag 'tag:yaml.org,2002:python/"),
        (b"rules: [!!timestamp oops]", "has the tag"),
        (b"rules: [!!binary aGk=]", "has the tag"),
        (b"rules: !local [a]", "tag '!local': remove it"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_reason(read, content, reason):
    with pytest.raises(RuleFileError, match=reason):
        read(content)


def test_a_refusal_names_the_line(read, tmp_path):
    with pytest.raises(RuleFileError) as refusal:
        read("rules:\n- id: a\n  message: m\n  id: b\n")

    assert refusal.value.place == f"{tmp_path}/rules.yml:4"


@pytest.mark.parametrize(("size", "is_taken"), [(1024 * 1024, True), (1024 * 1024 + 1, False)])
def test_a_file_may_have_one_mebibyte(read, size, is_taken):
    text = "rules: [{id: a}]\n#"
    text += "x" * (size - len(text))

    reason = "" if is_taken else _reason(read, text)

    assert reason == ("" if is_taken else "It is larger than 1 MiB: split it.")


def _reason(read, text):
    with pytest.raises(RuleFileError) as refusal:
        read(text)
    return refusal.value.detail


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.yml", "check the name"), ("folder", "name the files in it"), ("pipe", "not a file")],
)
def test_what_is_not_a_file_is_refused(tmp_path, name, reason):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(RuleFileError, match=reason):
        read_rules(tmp_path / name)

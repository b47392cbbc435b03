"""What somebody chose to import: files, folders and archives, with and without tricks."""

import gzip
import io
import stat
import tarfile
import zipfile

import pytest

from rules import archives, candidates
from rules.archives import ArchiveRefusedError
from rules.candidates import RuleFile
from rules.uploads import Upload, read_uploads

YAML = b"rules: []\n"


def a_zip(*entries):
    """Return an archive of (name or ZipInfo, body) pairs."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries:
            archive.writestr(name, body)
    return stream.getvalue()


def a_tar(*entries):
    """Return a compressed archive of (TarInfo or name, body) pairs."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, body in entries:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(body) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(body))
    return stream.getvalue()


def read(body, name="rules.zip"):
    return read_uploads([Upload(name=name, body=body)])


def refusals(package):
    return {one.place: one.reason.split(":")[0] for one in package.refused}


@pytest.mark.parametrize("pack", [a_zip, a_tar])
def test_rule_files_are_taken_with_the_tests_of_their_name_beside_them(pack):
    package = read(
        pack(
            ("r/python/a.yml", YAML),
            ("r/python/a.py", b"test of a"),
            ("r/python/a.fixed.py", b"fixed"),
            ("r/python/b.yaml", YAML),
            ("r/python/b.test.yaml", b"test of b"),
            ("r/go/a.py", b"elsewhere"),
            ("r/README.md", b"read me"),
            ("r/.github/workflows/ci.yml", b"on: push"),
            ("r/.semgrep/c.yml", YAML),
        )
    )

    assert package.files == (
        RuleFile(place="r/.semgrep/c.yml", text="rules: []\n"),
        RuleFile(place="r/python/a.yml", text="rules: []\n", tests={"a.py": "test of a"}),
        RuleFile(place="r/python/b.yaml", text="rules: []\n", tests={"b.test.yaml": "test of b"}),
    )
    assert (package.refused, package.skipped) == ((), 4)


def test_the_test_in_the_language_of_a_rule_is_its_own():
    tests = {"a.go": "go", "a.py": "python", "a.tsx": "tsx"}

    assert candidates.tests_for(["python"], tests) == "python"
    assert candidates.tests_for(["javascript", "typescript"], tests) == "tsx"
    assert candidates.tests_for(["java"], tests) == ""
    assert candidates.tests_for(["python", "java"], {"a.java": "java", "a.py": "py"}) == "py"
    assert candidates.tests_for(["generic"], {"a.conf": "conf"}) == "conf"


@pytest.mark.parametrize("pack", [a_zip, a_tar])
@pytest.mark.parametrize(
    "name",
    [
        "../a.yml",
        "r/../../a.yml",
        "/etc/a.yml",
        "r\\..\\a.yml",
        "C:/a.yml",
        "r/a\n.yml",
        f"{'a' * 300}.yml",
    ],
)
def test_names_with_tricks_are_refused_and_the_others_taken(pack, name):
    package = read(pack((name, YAML), ("good.yml", YAML)))

    assert [file.place for file in package.files] == ["good.yml"]
    assert len(package.refused) == 1
    assert package.refused[0].reason.startswith("its name")


def test_links_devices_and_encrypted_files_are_refused():
    link = zipfile.ZipInfo("link.yml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    tar_link, hard_link, device = map(tarfile.TarInfo, ("soft.yml", "hard.yml", "null.yml"))
    tar_link.type, hard_link.type, device.type = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE
    tar_link.linkname = hard_link.linkname = "/etc/passwd"
    locked = bytearray(a_zip(("locked.yml", YAML)))
    for place in (6, locked.index(b"PK\x01\x02") + 8):
        locked[place] |= 1

    assert refusals(read(a_zip((link, b"/etc/passwd")))) == {"link.yml": "it is a link or a device"}
    assert refusals(read(a_tar((tar_link, b""), (hard_link, b""), (device, b"")))) == dict.fromkeys(
        ("soft.yml", "hard.yml", "null.yml"), "it is a link or a device"
    )
    assert refusals(read(bytes(locked))) == {"locked.yml": "it is encrypted"}


def test_two_files_of_one_name_are_told():
    with pytest.warns(UserWarning, match="Duplicate name"):
        body = a_zip(("a.yml", YAML), ("a.yml", b"rules: [two]"))

    package = read(body)

    assert refusals(package) == {"a.yml": "the archive has two files of its name."}
    assert [file.text for file in package.files] == ["rules: []\n"]
    plain = read_uploads([Upload(name="a.yml", body=YAML), Upload(name="a.yml", body=YAML)])
    assert refusals(plain) == {"a.yml": "another file has its name"}


def test_a_bomb_does_not_go_off(monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 3 * archives.MAX_FILE_BYTES)
    zeros = b"\0" * archives.MAX_FILE_BYTES
    many = [(f"{number}.yml", zeros) for number in range(4)]

    for body in (a_zip(*many), a_tar(*many)):
        with pytest.raises(ArchiveRefusedError, match="unpacks to more than 3 MiB"):
            read(body)


def test_many_small_bombs_do_not_go_off_either(monkeypatch):
    monkeypatch.setattr("rules.uploads.MAX_UNPACKED_BYTES", 3 * archives.MAX_FILE_BYTES)
    zeros = b"\0" * archives.MAX_FILE_BYTES
    bombs = [
        Upload(name=f"{number}.zip", body=a_zip((f"{number}.yml", zeros))) for number in range(6)
    ]

    with pytest.raises(ArchiveRefusedError, match="unpacks to more than"):
        read_uploads(bombs[:4])
    with pytest.raises(ArchiveRefusedError, match="more than 5 archives"):
        read_uploads(bombs)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_files_that_are_packed_in_a_rare_way_are_refused(method):
    rare = zipfile.ZipInfo("rare.yml")
    rare.compress_type = method
    body = a_zip((rare, YAML * 9), ("good.yml", YAML))
    start = body.index(b"rare.yml") + 20

    package = read(body[:start] + b"\xff" * 4 + body[start + 4 :])

    assert refusals(package) == {"rare.yml": "it is packed in a rare way"}
    assert [file.place for file in package.files] == ["good.yml"]


def test_a_test_that_is_too_long_is_left_out_and_told():
    package = read(a_zip(("a.yml", YAML), ("a.py", b"#" * 200_001)))

    assert refusals(package) == {"a.py": "a test has at most 200,000 characters"}
    assert [dict(file.tests) for file in package.files] == [{}]


def test_one_huge_file_is_refused_alone():
    huge = b"#" * (archives.MAX_FILE_BYTES + 1)

    package = read(a_zip(("huge.yml", huge), ("good.yml", YAML)))

    assert refusals(package) == {"huge.yml": "It is larger than 1 MiB"}
    assert [file.place for file in package.files] == ["good.yml"]


@pytest.mark.parametrize("pack", [a_zip, a_tar])
def test_too_many_entries_are_refused(pack, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRIES", 3)

    with pytest.raises(ArchiveRefusedError, match="more than 3 entries"):
        read(pack(*((f"{number}.yml", YAML) for number in range(4))))


@pytest.mark.parametrize(
    "body",
    [
        b"PK\x03\x04 nonsense",
        a_zip(("a.yml", YAML))[:-30],
        a_zip(("a.yml", YAML * 99)).replace(b"a.yml", b"b.yml", 1),
        b"\x1f\x8b nonsense",
        gzip.compress(b"no tar at all" * 100),
        a_tar(("a.yml", YAML))[:-30],
    ],
    # The bytes hold the hour: workers of pytest would not agree on the names.
    ids=["no zip", "half a zip", "another name", "no gzip", "no tar", "half a tar"],
)
def test_what_is_no_archive_is_refused_in_words(body):
    with pytest.raises(ArchiveRefusedError, match=r"rules\.zip is not a zip or tar\.gz archive"):
        read(body)


def test_files_that_are_no_text_are_told_one_by_one():
    package = read(a_zip(("a.yml", b"\xff\xfe"), ("b.yml", b"a\0b"), ("c.yml", YAML)))

    assert refusals(package) == {"a.yml": "It is not UTF-8 text", "b.yml": "It is a binary file"}
    assert [file.place for file in package.files] == ["c.yml"]

"""The command that takes in a report file."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from findings.models import Finding, Instance, Scan, Upload
from tests.findings.uploads import PAYLOADS, output


def run(file, **options):
    out = StringIO()
    options = {"organization": "acme", "project": "acme/shop", "commit": "c" * 40, **options}
    call_command("import_scan", str(file), ref="main", stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.mark.parametrize(
    ("name", "findings"), [("ci.json", 9), ("ci.sarif.json", 9), ("scan.anonymous.json", 9)]
)
def test_a_file_becomes_a_completed_scan(acme, name, findings):
    result = run(PAYLOADS / "outputs" / name)

    scan = Scan.objects.get()
    assert result == {"scan_id": scan.id, "findings": findings, "new": findings, "fixed": 0}
    assert (scan.kind, scan.status, scan.commit) == ("full", "completed", "c" * 40)
    assert scan.project.primary_branch == "main"


def a_work_tree(directory, code):
    (directory / "app").mkdir(parents=True)
    (directory / "app/db.py").write_text(code)
    return directory


def an_anonymous_report(path, *lines):
    report = output("scan.anonymous.json")
    (model,) = [one for one in report["results"] if one["start"]["line"] == 26]
    report["results"] = [
        {**model, "start": {"line": line, "col": 1}, "end": {"line": line, "col": 9}}
        for line in lines
    ]
    report["paths"]["scanned"] = ["app/db.py"]
    path.write_text(json.dumps(report))
    return path


def test_a_checkout_lets_moved_code_be_known_without_a_login(acme, tmp_path):
    before = a_work_tree(tmp_path / "before", "md5(a)\n\nmd5(b)\n")
    after = a_work_tree(tmp_path / "after", "import x\n\nmd5(new)\n\n\n  md5(b)\n")
    run(an_anonymous_report(tmp_path / "1.json", 1, 3), checkout=before)
    kept = Finding.objects.get(start_line=3)

    result = run(an_anonymous_report(tmp_path / "2.json", 3, 6), checkout=after)

    kept.refresh_from_db()
    assert (kept.start_line, kept.state) == (6, "unresolved")
    assert (result["new"], result["fixed"]) == (1, 1)
    assert b"md5(b)" not in bytes(Upload.objects.first().body)


def test_a_checkout_shows_nothing_outside_itself(acme, tmp_path):
    (tmp_path / "secret").write_text("md5(a)\n")
    tree = a_work_tree(tmp_path / "tree", "md5(a)\n")
    (tree / "app/db.py").unlink()
    (tree / "app/db.py").symlink_to(tmp_path / "secret")

    run(an_anonymous_report(tmp_path / "1.json", 1), checkout=tree)

    assert Instance.objects.get().code_hash == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "none of the known formats"),
        ('{"results": [{"check_id": 1}]}', r"\$\.results\[0\]\."),
        ("\xff", "ends in the middle|not JSON|not UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(acme, tmp_path, text, message):
    file = tmp_path / "report.json"
    file.write_text(text)

    with pytest.raises(CommandError, match=message):
        run(file)

    assert not Finding.objects.exists()


def test_wrong_arguments_name_themselves(acme, tmp_path):
    report = PAYLOADS / "outputs" / "ci.json"

    with pytest.raises(CommandError, match="--organization"):
        run(report, organization="nobody")
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "missing.json")
    with pytest.raises(CommandError, match="--checkout"):
        run(report, checkout=tmp_path / "missing")

"""A stand-in for the scanner that takes every rule but those it is told to refuse."""

import pytest


@pytest.fixture
def scanner(tmp_path, settings):
    """A scanner that refuses the rule `acme.refused`, and keeps the rules it saw in a log."""
    log = tmp_path / "scanned"
    log.touch()
    program = tmp_path / "scanner"
    program.write_text(
        "#!/bin/sh\n"
        f"cat ../rules.json >> {log}; echo >> {log}\n"
        "if grep -q '\"acme.refused\"' ../rules.json; then\n"
        '  echo \'{"results": [], "errors": [{"type": "Rule parse error", "level": "error",'
        ' "rule_id": "acme.refused", "message": "invalid language pyton"}]}\'\n'
        "  exit 7\n"
        "fi\n"
        'echo \'{"results": [], "errors": []}\'\n'
    )
    program.chmod(0o755)
    settings.SEMGREP_PROGRAM = str(program)
    settings.SANDBOX_FOLDERS = [str(tmp_path)]  # its log is there
    return log

"""Code and answers for tests of remedies."""

CODE = """\
import os


def restart(request):
    name = request.args["name"]
    os.system("restart " + name)
    return name
"""
IMPORT = {"search": "import os\n", "replace": "import os\nimport subprocess\n"}
CALL = {
    "search": '    os.system("restart " + name)',
    "replace": '    subprocess.run(["restart", name], check=False)',
}


def a_fix(*edits, confidence="high"):
    return {"edits": list(edits) or [IMPORT, CALL], "confidence": confidence}


def a_remedy(**values):
    return {
        "summary": "Call `restart` with a list of arguments",
        "instructions": "1. Replace `os.system` in `restart` by `subprocess.run([...])`.",
        "fixes": [a_fix()],
        **values,
    }

from pathlib import Path

from flask import Flask, request, send_file
from werkzeug.utils import secure_filename

app = Flask(__name__)
FOLDER = Path("/srv/files")


@app.get("/file")
def download():
    # ruleid: assistant.python.path-from-request
    return send_file(FOLDER / request.args["name"])


@app.get("/text/<path:name>")
def text(name):
    # ruleid: assistant.python.path-from-request
    return (FOLDER / name).read_text()


@app.get("/clean")
def clean():
    # ok: assistant.python.path-from-request
    return send_file(FOLDER / secure_filename(request.args["name"]))


@app.get("/terms")
def terms():
    # ok: assistant.python.path-from-request
    return send_file(FOLDER / "terms.pdf")

from flask import Flask, redirect, request, url_for

app = Flask(__name__)


@app.get("/out")
def out():
    # ruleid: assistant.python.redirect-from-request
    return redirect(request.args.get("next", "/"))


@app.get("/home")
def home():
    # ok: assistant.python.redirect-from-request
    return redirect(url_for("index"))

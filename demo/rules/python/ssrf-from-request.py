import requests
from flask import Flask, request

app = Flask(__name__)


@app.post("/fetch")
def fetch():
    url = request.form["url"]
    # ruleid: assistant.python.ssrf-from-request
    return requests.get(url, timeout=5).content


@app.get("/rates")
def rates():
    # ok: assistant.python.ssrf-from-request
    return requests.get("https://rates.example.com/eur", params={"to": request.args["to"]}, timeout=5).json()

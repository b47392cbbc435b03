from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.post("/preview")
def preview():
    body = request.form["body"]
    # ruleid: assistant.python.template-from-request
    return render_template_string(body, name="Ada")


@app.post("/preview-fixed")
def preview_fixed():
    # ok: assistant.python.template-from-request
    return render_template_string("<p>{{ body }}</p>", name="Ada")

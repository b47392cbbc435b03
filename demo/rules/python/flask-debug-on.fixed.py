from flask import Flask

app = Flask(__name__)
# ruleid: assistant.python.flask-debug-on
app.config["DEBUG"] = False

if __name__ == "__main__":
    # ruleid: assistant.python.flask-debug-on
    app.run(host="0.0.0.0", debug=False)
    # ok: assistant.python.flask-debug-on
    app.run(port=5000)

from flask import Flask

app = Flask(__name__)
# ruleid: assistant.python.flask-debug-on
app.config["DEBUG"] = True

if __name__ == "__main__":
    # ruleid: assistant.python.flask-debug-on
    app.run(host="0.0.0.0", debug=True)
    # ok: assistant.python.flask-debug-on
    app.run(port=5000)

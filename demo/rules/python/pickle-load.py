import json
import pickle


def restore(data):
    # ruleid: assistant.python.pickle-load
    return pickle.loads(data)


def restore_json(data):
    # ok: assistant.python.pickle-load
    return json.loads(data)

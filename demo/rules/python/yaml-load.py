import yaml


def read(document):
    # ruleid: assistant.python.yaml-load
    yaml.load(document, Loader=yaml.Loader)
    # ok: assistant.python.yaml-load
    yaml.load(document, Loader=yaml.SafeLoader)
    # ok: assistant.python.yaml-load
    return yaml.safe_load(document)

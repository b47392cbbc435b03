import yaml


class PriceLoader(yaml.SafeLoader):
    """Reads prices as whole cents."""


def read(document):
    # ruleid: assistant.python.yaml-load
    yaml.load(document, Loader=yaml.Loader)
    # ruleid: assistant.python.yaml-load
    yaml.load(document, Loader=yaml.CFullLoader)
    # ruleid: assistant.python.yaml-load
    yaml.load(document, Loader=PriceLoader)
    # ok: assistant.python.yaml-load
    yaml.load(document, Loader=yaml.SafeLoader)
    # ok: assistant.python.yaml-load
    return yaml.safe_load(document)

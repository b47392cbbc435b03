import requests


def charge(url, body):
    # ruleid: assistant.python.tls-verification-off
    requests.post(url, json=body, verify=False, timeout=5)
    # ok: assistant.python.tls-verification-off
    requests.post(url, json=body, verify="/etc/ssl/bank.pem", timeout=5)
    # ok: assistant.python.tls-verification-off
    return requests.post(url, json=body, timeout=5)

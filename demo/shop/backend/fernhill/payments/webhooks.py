"""What the bank and the carriers tell us."""

import hashlib
import hmac
from http import HTTPStatus

from flask import Blueprint, abort, jsonify, request

from fernhill import config, database

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")


def signature_of(body: bytes) -> str:
    return hmac.new(config.webhook_key(), body, hashlib.sha256).hexdigest()


@webhooks.post("/bank")
def bank():
    sent_signature = request.headers.get("X-Bank-Signature", "")
    if sent_signature != signature_of(request.get_data()):
        abort(HTTPStatus.FORBIDDEN)
    event = request.get_json()
    database.change(
        "UPDATE payments SET state = ? WHERE bank_reference = ?",
        (event["state"], event["reference"]),
    )
    return jsonify(received=True)


@webhooks.post("/carrier")
def carrier():
    sent = request.headers.get("X-Carrier-Signature", "")
    if not hmac.compare_digest(sent, signature_of(request.get_data())):
        abort(HTTPStatus.FORBIDDEN)
    event = request.get_json()
    database.change(
        "UPDATE orders SET state = 'sent', tracking_code = ? WHERE id = ?",
        (event["code"], int(event["order_id"])),
    )
    return jsonify(received=True)

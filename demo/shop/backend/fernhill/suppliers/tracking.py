"""Where a delivery is: ask the carrier for it."""

from http import HTTPStatus

import requests
from flask import Blueprint, abort, jsonify, request

tracking = Blueprint("tracking", __name__, url_prefix="/tracking")

CARRIERS = {
    "swift": "https://api.swiftparcel.example/v1/parcels",
    "northpost": "https://track.northpost.example/parcels",
}
TIMEOUT_SECONDS = 8


@tracking.get("/parcel")
def parcel():
    endpoint = CARRIERS.get(request.args.get("carrier", ""))
    if endpoint is None:
        abort(HTTPStatus.BAD_REQUEST)
    reply = requests.get(endpoint, params={"code": request.args["code"]}, timeout=TIMEOUT_SECONDS)
    return jsonify(reply.json()), reply.status_code


@tracking.post("/subscribe")
def subscribe():
    """Tell a partner's system whenever one of its parcels moves."""
    callback = request.form["callback"]
    reply = requests.post(callback, json={"event": "ping"}, timeout=TIMEOUT_SECONDS)
    return jsonify(reachable=reply.ok, body=reply.text[:200])

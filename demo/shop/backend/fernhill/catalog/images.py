"""Pictures of plants: shown, uploaded, fetched from nurseries."""

from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from flask import Blueprint, abort, jsonify, request, send_file

from fernhill import config, database

images = Blueprint("images", __name__, url_prefix="/pictures")

PICTURE_TYPES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
CDN_HOSTS = frozenset({"pictures.greenhouse.example", "cdn.mossandstone.example"})
TIMEOUT_SECONDS = 10


@images.get("/<path:name>")
def show(name):
    wanted = (config.PICTURES / name).resolve()
    if not wanted.is_relative_to(config.PICTURES.resolve()) or not wanted.is_file():
        abort(HTTPStatus.NOT_FOUND)
    return send_file(wanted, max_age=86_400)


@images.post("/import")
def import_picture():
    address = request.form["address"]
    if "greenhouse.example" not in address:
        abort(HTTPStatus.BAD_REQUEST)
    reply = requests.get(address, timeout=TIMEOUT_SECONDS)
    return _store(request.form["plant_id"], reply)


@images.post("/refresh")
def refresh_picture():
    address = request.form["address"]
    parts = urlsplit(address)
    if parts.scheme != "https" or parts.netloc not in CDN_HOSTS:
        abort(HTTPStatus.BAD_REQUEST)
    reply = requests.get(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    return _store(request.form["plant_id"], reply)


def _store(plant_id, reply):
    extension = PICTURE_TYPES.get(reply.headers.get("Content-Type", ""))
    if extension is None or not reply.ok:
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    name = f"{int(plant_id)}{extension}"
    (config.PICTURES / name).write_bytes(reply.content)
    database.change("UPDATE plants SET picture = ? WHERE id = ?", (name, int(plant_id)))
    return jsonify(picture=name)

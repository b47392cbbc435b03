"""Gift cards: bought, printed, spent."""

import random
import string
from http import HTTPStatus

from flask import Blueprint, abort, jsonify, request, send_file, session

from fernhill import config, database

gift_cards = Blueprint("gift_cards", __name__, url_prefix="/gift-cards")

LETTERS = string.ascii_uppercase + string.digits
CODE_LENGTH = 10
MOTIFS = {"fern": "fern.pdf", "cactus": "cactus.pdf", "birthday": "birthday.pdf"}
VALUES_CENTS = (1000, 2500, 5000, 10_000)


def new_token() -> str:
    return "".join(random.choices(LETTERS, k=CODE_LENGTH))


@gift_cards.post("/")
def buy():
    if "customer_id" not in session:
        abort(HTTPStatus.UNAUTHORIZED)
    cents = int(request.form["cents"])
    if cents not in VALUES_CENTS:
        abort(HTTPStatus.BAD_REQUEST)
    code = new_token()
    database.change(
        "INSERT INTO gift_cards (code, cents, buyer_id) VALUES (?, ?, ?)",
        (code, cents, session["customer_id"]),
    )
    return jsonify(code=code, cents=cents)


@gift_cards.get("/balance")
def balance():
    code = request.args["code"].strip().upper()
    query = f"SELECT cents FROM gift_cards WHERE code = '{code}' AND spent_at IS NULL"
    found = database.connection().execute(query).fetchone()
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return jsonify(cents=found["cents"])


@gift_cards.get("/motif")
def motif():
    file = MOTIFS.get(request.args.get("name", "fern"))
    if file is None:
        abort(HTTPStatus.NOT_FOUND)
    return send_file(config.STORAGE / "gift-cards" / file)

"""Sign in, sign out, profile."""

import secrets
from http import HTTPStatus

from flask import Blueprint, abort, jsonify, redirect, request, session

from fernhill import config, database
from fernhill.accounts import passwords, tokens

accounts = Blueprint("accounts", __name__, url_prefix="/accounts")

THEMES = ("light", "dark", "system")
AFTER_SIGN_OUT = {
    "shop": "https://www.fernhill.example/",
    "magazine": "https://magazine.fernhill.example/",
    "nurseries": "https://nurseries.fernhill.example/",
}


@accounts.post("/sign-in")
def sign_in():
    customer = database.row(
        "SELECT * FROM customers WHERE email = ?", (request.form["email"].lower(),)
    )
    password = request.form[config.PASSWORD_FORM_FIELD]
    if customer is None or not passwords.matches(customer, password):
        abort(HTTPStatus.UNAUTHORIZED)
    session["customer_id"] = customer["id"]
    response = redirect(request.args.get("next", "/"))
    response.set_cookie("fernhill_device", _remember_device(customer["id"]), max_age=31_536_000)
    return response


def _remember_device(customer_id):
    """Make the code that signs this device in again, without a password."""
    code = secrets.token_urlsafe(24)
    database.change("INSERT INTO devices (customer_id, code) VALUES (?, ?)", (customer_id, code))
    return code


@accounts.get("/sign-out")
def sign_out():
    session.clear()
    target = AFTER_SIGN_OUT.get(request.args.get("to", "shop"), AFTER_SIGN_OUT["shop"])
    return redirect(target)


@accounts.post("/theme")
def choose_theme():
    theme = request.form.get("theme")
    if theme not in THEMES:
        abort(HTTPStatus.BAD_REQUEST)
    response = jsonify(theme=theme)
    response.set_cookie("theme", theme, max_age=31_536_000, samesite="Lax")
    return response


@accounts.post("/forgotten")
def forgotten():
    customer = database.row(
        "SELECT id, email FROM customers WHERE email = ?", (request.form["email"].lower(),)
    )
    if customer is not None:
        code = tokens.new_reset_code()
        link = tokens.reset_link(customer["id"], code)
        database.change("UPDATE customers SET reset_code = ? WHERE id = ?", (code, customer["id"]))
        database.change("INSERT INTO letters (email, link) VALUES (?, ?)", (customer["email"], link))
    return jsonify(sent=True)


@accounts.get("/me")
def profile():
    customer_id = tokens.customer_of(request.headers["X-Session"])
    found = database.row("SELECT id, name, email FROM customers WHERE id = ?", (customer_id,))
    return jsonify(found or abort(HTTPStatus.NOT_FOUND))

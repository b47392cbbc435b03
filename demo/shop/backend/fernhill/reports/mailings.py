"""Letters to customers, written by the office."""

from http import HTTPStatus

from flask import Blueprint, abort, render_template_string, request, session

from fernhill import database

mailings = Blueprint("mailings", __name__, url_prefix="/mailings")

FRAME = "<article><h1>{{ subject }}</h1>{{ body }}</article>"


@mailings.before_request
def only_staff():
    if not session.get("is_staff"):
        abort(HTTPStatus.FORBIDDEN)


@mailings.post("/preview")
def preview():
    customer = database.row("SELECT name, city FROM customers ORDER BY id LIMIT 1")
    return render_template_string(request.form["body"], customer=customer)


@mailings.post("/plain-preview")
def plain_preview():
    subject, body = request.form["subject"], request.form["body"]
    return render_template_string(FRAME, subject=subject, body=body)

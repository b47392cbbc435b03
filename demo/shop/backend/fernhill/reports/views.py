"""Reports over HTTP, for people of the office."""

from http import HTTPStatus

from flask import Blueprint, abort, jsonify, request, session

from fernhill import database
from fernhill.reports import builder

reports = Blueprint("reports", __name__, url_prefix="/reports")


@reports.before_request
def only_staff():
    if not session.get("is_staff"):
        abort(HTTPStatus.FORBIDDEN)


@reports.get("/count")
def count():
    return jsonify(amount=builder.count_of(request.args["of"]))


@reports.get("/grouped")
def grouped():
    return jsonify(builder.rows_of_group(request.args["of"], request.args["by"]))


@reports.get("/figure/<name>")
def figure(name):
    return jsonify(value=builder.figure(name, _numbers()))


@reports.post("/figure")
def custom_figure():
    return jsonify(value=builder.custom_figure(request.form["expression"], _numbers()))


def _numbers() -> dict[str, float]:
    found = database.row("SELECT revenue, cost, sold, returned, orders FROM yearly_numbers LIMIT 1")
    return {name: float(value) for name, value in (found or {}).items()}

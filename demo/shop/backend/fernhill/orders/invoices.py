"""Invoices as PDF, and the folder the tax office asks for."""

from http import HTTPStatus

from flask import Blueprint, abort, request, send_file, session

from fernhill import config, database

invoices = Blueprint("invoices", __name__, url_prefix="/invoices")


@invoices.get("/download")
def download():
    if "customer_id" not in session:
        abort(HTTPStatus.UNAUTHORIZED)
    name = request.args["file"].replace("../", "")
    return send_file(config.INVOICES / name, as_attachment=True)


@invoices.get("/orders/<int:order_id>")
def of_order(order_id):
    found = database.row(
        "SELECT invoice_file FROM orders WHERE id = ? AND customer_id = ?",
        (order_id, session.get("customer_id")),
    )
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return send_file(config.INVOICES / f"{order_id:08d}.pdf", as_attachment=True)

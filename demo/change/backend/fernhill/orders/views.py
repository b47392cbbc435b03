"""Orders of the customer who is signed in."""

from http import HTTPStatus

from flask import Blueprint, abort, jsonify, request, session

from fernhill import database

orders = Blueprint("orders", __name__, url_prefix="/orders")

MAXIMUM_PAGE = 100
STATES = ("placed", "paid", "packed", "sent", "returned")


def _customer_id() -> int:
    if "customer_id" not in session:
        abort(HTTPStatus.UNAUTHORIZED)
    return session["customer_id"]


@orders.get("/between")
def between():
    start, end = request.args["from"], request.args["to"]
    found = database.connection().execute(
        "SELECT id, total_cents FROM orders WHERE customer_id = ? "
        + f"AND placed_at BETWEEN '{start}' AND '{end}'",
        (_customer_id(),),
    )
    return jsonify([dict(row) for row in found])


@orders.get("/recent")
def recent():
    limit = min(int(request.args.get("limit", "20")), MAXIMUM_PAGE)
    newest = database.connection().execute(
        "SELECT id, state, total_cents FROM orders WHERE customer_id = ? ORDER BY id DESC LIMIT %d"
        % limit,
        (_customer_id(),),
    )
    return jsonify([dict(row) for row in newest])


@orders.get("/filter")
def filtered():
    query = "SELECT id, state, total_cents FROM orders WHERE customer_id = ?"
    parameters: list[object] = [_customer_id()]
    wanted = [state for state in request.args.getlist("state") if state in STATES]
    if wanted:
        query += f" AND state IN ({', '.join('?' * len(wanted))})"
        parameters.extend(wanted)
    return jsonify([dict(row) for row in database.connection().execute(query, parameters)])


@orders.post("/<int:order_id>/cancel")
def cancel(order_id):
    changed = database.change(
        "UPDATE orders SET state = 'cancelled' WHERE id = ? AND customer_id = ? AND state = 'placed'",
        (order_id, _customer_id()),
    )
    if not changed:
        abort(HTTPStatus.CONFLICT)
    return jsonify(cancelled=order_id)

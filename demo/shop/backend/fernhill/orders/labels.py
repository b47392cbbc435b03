"""Print parcel labels on the printers of the packing hall."""

import os
import subprocess
from http import HTTPStatus

from flask import Blueprint, abort, jsonify, request

from fernhill import config, database

labels = Blueprint("labels", __name__, url_prefix="/labels")


def label_path(order_id: int):
    return config.EXPORTS / "labels" / f"{order_id}.zpl"


def write_label(order_id: int, lines: list[str]) -> None:
    path = label_path(order_id)
    path.write_text("\n".join(lines))
    os.chmod(path, 0o666)


@labels.post("/<int:order_id>/print")
def print_label(order_id):
    address = database.row("SELECT name, street, city FROM addresses WHERE order_id = ?", (order_id,))
    if address is None:
        abort(HTTPStatus.NOT_FOUND)
    write_label(order_id, [str(part) for part in address.values()])
    printer = request.form.get("printer", "hall-1")
    copies = request.form.get("copies", "1")
    subprocess.run(f"lp -d {printer} -n {copies} {label_path(order_id)}", shell=True, check=True)
    return jsonify(printed=order_id)

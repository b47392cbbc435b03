"""Price lists of nurseries, as YAML or XML."""

from http import HTTPStatus

import yaml
from flask import Blueprint, abort, jsonify, request
from lxml import etree

from fernhill import database

feeds = Blueprint("feeds", __name__, url_prefix="/suppliers")


class PriceLoader(yaml.SafeLoader):
    """Reads prices like `!eur 12.90` as cents."""


def _euros(loader, node):
    return round(float(loader.construct_scalar(node)) * 100)


PriceLoader.add_constructor("!eur", _euros)


def _store(supplier_id: int, prices: dict[str, int]) -> int:
    for article, cents in prices.items():
        database.change(
            "UPDATE supplier_prices SET cents = ? WHERE supplier_id = ? AND article = ?",
            (int(cents), supplier_id, str(article)),
        )
    return len(prices)


@feeds.post("/<int:supplier_id>/prices.yaml")
def prices_from_yaml(supplier_id):
    document = yaml.load(request.get_data(), Loader=PriceLoader)
    if not isinstance(document, dict):
        abort(HTTPStatus.BAD_REQUEST)
    return jsonify(stored=_store(supplier_id, document))


@feeds.post("/<int:supplier_id>/catalogue.yaml")
def catalogue_from_yaml(supplier_id):
    document = yaml.load(request.get_data(), Loader=yaml.Loader)
    for entry in document["plants"]:
        database.change(
            "INSERT INTO supplier_prices (supplier_id, article, cents) VALUES (?, ?, ?)",
            (supplier_id, entry["article"], int(entry["cents"])),
        )
    return jsonify(stored=len(document["plants"]))


@feeds.post("/<int:supplier_id>/prices.xml")
def prices_from_xml(supplier_id):
    parser = etree.XMLParser(resolve_entities=True, huge_tree=True)
    root = etree.fromstring(request.get_data(), parser)
    prices = {item.get("article"): int(item.get("cents")) for item in root.iter("price")}
    return jsonify(stored=_store(supplier_id, prices))

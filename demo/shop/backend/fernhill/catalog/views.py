"""Lists of plants, searched and sorted."""

from flask import Blueprint, jsonify, request

from fernhill import cache, database

catalog = Blueprint("catalog", __name__, url_prefix="/plants")

ORDERINGS = {
    "newest": "added_at DESC",
    "cheapest": "price_cents ASC",
    "dearest": "price_cents DESC",
    "name": "name ASC",
}
PAGE_SIZE = 24


@catalog.get("/")
def listing():
    ordering = ORDERINGS.get(request.args.get("sort", "newest"), ORDERINGS["newest"])
    page = max(int(request.args.get("page", "1")), 1)
    plants = database.connection().execute(
        f"SELECT id, name, price_cents FROM plants ORDER BY {ordering} LIMIT ? OFFSET ?",
        (PAGE_SIZE, (page - 1) * PAGE_SIZE),
    )
    return jsonify([dict(row) for row in plants])


@catalog.get("/search")
def search():
    words = request.args.get("q", "").strip()
    query = f"SELECT id, name, price_cents FROM plants WHERE name LIKE '%{words}%' LIMIT 50"
    found = database.connection().execute(query)
    return jsonify([dict(row) for row in found])


@catalog.get("/menu")
def menu():
    key = cache.cache_key("menu", request.accept_languages.best)
    return jsonify(cache.remembered(key, _build_menu))


def _build_menu() -> list[dict[str, object]]:
    return database.rows("SELECT id, name, parent_id FROM categories ORDER BY parent_id, name")

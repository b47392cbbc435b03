"""Put the application together."""

from flask import Flask, jsonify

from fernhill import config
from fernhill.accounts.views import accounts
from fernhill.catalog.images import images
from fernhill.catalog.reviews import reviews
from fernhill.catalog.views import catalog
from fernhill.database import close_connection
from fernhill.orders.cart import carts
from fernhill.orders.gift_cards import gift_cards
from fernhill.orders.invoices import invoices
from fernhill.orders.labels import labels
from fernhill.orders.views import orders
from fernhill.payments.webhooks import webhooks
from fernhill.reports.mailings import mailings
from fernhill.reports.views import reports
from fernhill.suppliers.feeds import feeds
from fernhill.suppliers.tracking import tracking

BLUEPRINTS = (
    accounts,
    catalog,
    images,
    reviews,
    carts,
    gift_cards,
    orders,
    invoices,
    labels,
    webhooks,
    feeds,
    tracking,
    reports,
    mailings,
)


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = config.session_key()
    app.config["MAX_CONTENT_LENGTH"] = 8 * 1024 * 1024
    app.teardown_appcontext(close_connection)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


app = create_app()


@app.get("/health")
def health():
    return jsonify(status="ok")


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=config.PORT, debug=True)

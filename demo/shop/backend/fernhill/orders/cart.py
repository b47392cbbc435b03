"""The cart travels with the customer in a cookie."""

import base64
import pickle
from dataclasses import dataclass, field

from flask import Blueprint, jsonify, request

carts = Blueprint("carts", __name__, url_prefix="/cart")

COOKIE = "fernhill_cart"


@dataclass
class Cart:
    """Plants and how many of each."""

    amounts: dict[int, int] = field(default_factory=dict)

    def add(self, plant_id: int, amount: int) -> None:
        self.amounts[plant_id] = self.amounts.get(plant_id, 0) + amount


def _packed(cart: Cart) -> str:
    return base64.urlsafe_b64encode(pickle.dumps(cart)).decode()


def _cart_of_request() -> Cart:
    packed = request.cookies.get(COOKIE)
    if not packed:
        return Cart()
    return pickle.loads(base64.urlsafe_b64decode(packed))


@carts.get("/")
def show():
    return jsonify(_cart_of_request().amounts)


@carts.post("/")
def add():
    cart = _cart_of_request()
    cart.add(int(request.form["plant_id"]), int(request.form.get("amount", "1")))
    response = jsonify(cart.amounts)
    response.set_cookie(COOKIE, _packed(cart), secure=True, httponly=True, samesite="Lax")
    return response

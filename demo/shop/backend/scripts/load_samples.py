"""Fill an empty database with plants and orders to try things out."""

import random
import sqlite3
import sys

PLANTS = ("Boston fern", "Calathea", "Monstera", "Pothos", "Snake plant", "String of pearls")
CITIES = ("Aarhus", "Bergen", "Ghent", "Graz", "Tartu")


def load(path: str, amount: int) -> None:
    with sqlite3.connect(path) as database:
        for name in PLANTS:
            database.execute(
                "INSERT INTO plants (name, price_cents) VALUES (?, ?)",
                (name, random.randint(490, 4990)),
            )
        for number in range(amount):
            database.execute(
                "INSERT INTO orders (id, city, total_cents) VALUES (?, ?, ?)",
                (number, CITIES[number % len(CITIES)], random.randrange(900, 20_000)),
            )


if __name__ == "__main__":
    load(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200)

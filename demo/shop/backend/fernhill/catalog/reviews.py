"""What customers write about plants."""

from flask import Blueprint, jsonify, render_template_string, request
from markupsafe import Markup, escape

from fernhill import database

reviews = Blueprint("reviews", __name__, url_prefix="/reviews")

STARS = "★★★★★☆☆☆☆☆"
LIST_PAGE = """
<ul>
  {% for review in reviews %}<li>{{ review.head }} {{ review.text }}</li>{% endfor %}
</ul>
"""


def headline(author: str, rating: int) -> Markup:
    shown = STARS[5 - rating : 10 - rating]
    return Markup(f'<strong>{escape(author)}</strong> <span class="stars">{shown}</span>')


def paragraph(text: str) -> Markup:
    lines = text.strip().replace("\n", "<br>")
    return Markup(f"<p>{lines}</p>")


@reviews.get("/plants/<int:plant_id>")
def of_plant(plant_id):
    found = database.rows(
        "SELECT author, rating, text FROM reviews WHERE plant_id = ? ORDER BY id DESC", (plant_id,)
    )
    shown = [
        {"head": headline(row["author"], row["rating"]), "text": paragraph(row["text"])}
        for row in found
    ]
    return render_template_string(LIST_PAGE, reviews=shown)


@reviews.post("/plants/<int:plant_id>")
def add(plant_id):
    database.change(
        "INSERT INTO reviews (plant_id, author, rating, text) VALUES (?, ?, ?, ?)",
        (plant_id, request.form["author"], int(request.form["rating"]), request.form["text"]),
    )
    return jsonify(added=True)

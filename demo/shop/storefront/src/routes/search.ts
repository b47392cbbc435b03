import { Router } from "express";

import { pool } from "../lib/database.js";
import { escapeHtml, euros, wordFinder } from "../lib/text.js";

export const search = Router();

type Plant = { name: string; price_cents: number };

function line(plant: Plant, finder: RegExp): string {
  const name = escapeHtml(plant.name).replace(finder, (word) => `<mark>${word}</mark>`);
  return `<li>${name} · ${euros(plant.price_cents)}</li>`;
}

search.get("/", async (req, res) => {
  const words = String(req.query.q ?? "");
  const found = await pool.query("SELECT name, price_cents FROM plants WHERE name ILIKE $1", [
    `%${words}%`,
  ]);
  if (found.rowCount === 0) {
    return res.send(`<p>Nothing found for <em>${words}</em>.</p>`);
  }
  const finder = wordFinder(words);
  return res.send(`<ul>${found.rows.map((plant) => line(plant, finder)).join("")}</ul>`);
});

search.get("/page", (req, res) => {
  const page = Math.max(1, Number.parseInt(String(req.query.page), 10) || 1);
  res.send(`<nav>Page ${page} of our plants</nav>`);
});

search.get("/filter", async (req, res) => {
  const found = await pool.query("SELECT name FROM plants WHERE is_listed");
  const wanted = new RegExp(String(req.query.pattern), "i");
  res.json(found.rows.filter((plant: Plant) => wanted.test(plant.name)));
});

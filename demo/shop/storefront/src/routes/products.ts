import { createHash } from "node:crypto";

import { Router } from "express";

import { pool } from "../lib/database.js";

export const products = Router();

const COLUMNS: Record<string, string> = {
  name: "name",
  price: "price_cents",
  newest: "added_at",
};

products.get("/", async (req, res) => {
  const sort = String(req.query.sort);
  const column = Object.hasOwn(COLUMNS, sort) ? COLUMNS[sort] : "name";
  const direction = req.query.down === "1" ? "DESC" : "ASC";
  const listed = await pool.query(
    `SELECT id, name, price_cents FROM plants WHERE is_listed ORDER BY ${column} ${direction} LIMIT 60`,
  );
  const body = JSON.stringify(listed.rows);
  res.set("ETag", `"${createHash("md5").update(body).digest("hex")}"`);
  res.type("json").send(body);
});

products.get("/by-light", async (req, res) => {
  const suited = await pool.query(
    "SELECT id, name FROM plants WHERE is_listed AND light = '" + req.query.light + "'",
  );
  res.json(suited.rows);
});

products.get("/:id", async (req, res) => {
  const found = await pool.query("SELECT * FROM plants WHERE id = $1", [Number(req.params.id)]);
  if (found.rowCount === 0) {
    return res.status(404).json({ error: "no such plant" });
  }
  return res.json(found.rows[0]);
});

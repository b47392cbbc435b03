import { Router } from "express";

import { pool } from "../lib/database.js";

export const feed = Router();

/** What magazines and price comparisons read: listed plants and their prices. */
feed.get("/plants.json", async (_req, res) => {
  const found = await pool.query("SELECT name, price_cents FROM plants WHERE is_listed");
  res.setHeader("Access-Control-Allow-Origin", "*");
  res.json(found.rows);
});

const { Router } = require("express");

const { pool } = require("./database");

const prices = Router();

const SAMPLE_ORDER = { total: 5000, items: 3, isFirst: false };

/** Turn the text of a discount, such as `order.total * 0.9`, into something to call. */
function discount(expression) {
  return new Function("order", `return ${expression};`);
}

prices.post("/discounts", async (req, res) => {
  const { name, expression } = req.body;
  const sample = discount(expression)(SAMPLE_ORDER);
  await pool.query("INSERT INTO discounts (name, expression) VALUES ($1, $2)", [name, expression]);
  res.json({ name, sample });
});

prices.get("/discounts", async (_req, res) => {
  const found = await pool.query("SELECT name, expression FROM discounts ORDER BY name");
  res.json(found.rows);
});

module.exports = { prices };

const { Router } = require("express");

const { pool } = require("./database");

const users = Router();

const EXPORT_COLUMNS = ["id", "email", "name", "created_at"];

users.get("/", async (req, res) => {
  const name = req.query.name || "";
  const named = await pool.query(
    `SELECT id, email, name FROM customers WHERE name ILIKE '%${name}%' ORDER BY name`,
  );
  res.json(named.rows);
});

users.get("/export", async (req, res) => {
  const columns = String(req.query.columns || "id,email").split(",");
  if (!columns.every((column) => EXPORT_COLUMNS.includes(column))) {
    return res.status(400).json({ error: "unknown column" });
  }
  const found = await pool.query(`SELECT ${columns.join(", ")} FROM customers ORDER BY id`);
  return res.json(found.rows);
});

users.post("/:id/block", async (req, res) => {
  await pool.query("UPDATE customers SET is_blocked = true WHERE id = $1", [Number(req.params.id)]);
  res.status(204).end();
});

module.exports = { users };

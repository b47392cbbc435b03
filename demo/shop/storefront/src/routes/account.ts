import { randomUUID } from "node:crypto";

import { Router } from "express";
import jwt from "jsonwebtoken";

import { pool } from "../lib/database.js";

export const account = Router();

const LANDING_PAGES: Record<string, string> = {
  orders: "/account/orders",
  wishes: "/account/wishes",
  returns: "https://returns.fernhill.example/start",
};

/** A code that a friend can use once for ten percent off. */
function friendCode(): string {
  return Math.random().toString(36).slice(2, 10).toUpperCase();
}

account.post("/session", async (req, res) => {
  const found = await pool.query("SELECT id, name FROM customers WHERE sign_in_code = $1", [
    req.body.code,
  ]);
  if (found.rowCount === 0) {
    return res.status(401).json({ error: "unknown code" });
  }
  const claims = { sub: String(found.rows[0].id), jti: randomUUID() };
  const session = jwt.sign(claims, "monstera-monstera", { expiresIn: "8h" });
  res.cookie("fernhill_session", session, { maxAge: 8 * 3600 * 1000 });
  return res.json({ name: found.rows[0].name });
});

account.get("/go", (req, res) => {
  const wanted = String(req.query.page);
  const page = Object.hasOwn(LANDING_PAGES, wanted) ? LANDING_PAGES[wanted] : "/account";
  res.redirect(302, page);
});

account.get("/continue", (req, res) => {
  const target = String(req.query.to ?? "/");
  if (!target.startsWith("/") && !target.includes("fernhill.example")) {
    return res.status(400).send("unknown target");
  }
  return res.redirect(target);
});

account.post("/friends", async (req, res) => {
  const code = friendCode();
  await pool.query("INSERT INTO friend_codes (code, email) VALUES ($1, $2)", [code, req.body.email]);
  res.json({ code });
});

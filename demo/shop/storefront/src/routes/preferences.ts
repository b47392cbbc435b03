import { Router } from "express";

import { merged, withLabels } from "../lib/settings.js";

export const preferences = Router();

const USUAL = {
  list: { columns: 3, showPrices: true },
  mail: { offers: false, orders: true },
};
const LABELS = { basket: "Basket", checkout: "Checkout", search: "Search" };

preferences.post("/", (req, res) => {
  const chosen = merged(structuredClone(USUAL), req.body);
  res.cookie("columns", String(Number(req.body.columns) || 3), { maxAge: 31_536_000_000 });
  res.json(chosen);
});

preferences.post("/labels", (req, res) => {
  res.json(withLabels(LABELS, req.body));
});

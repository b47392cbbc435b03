import cookieParser from "cookie-parser";
import cors from "cors";
import express from "express";

import { account } from "./routes/account.js";
import { feed } from "./routes/feed.js";
import { media } from "./routes/media.js";
import { preferences } from "./routes/preferences.js";
import { products } from "./routes/products.js";
import { search } from "./routes/search.js";

const app = express();

app.use(express.json({ limit: "256kb" }));
app.use(express.urlencoded({ extended: false }));
app.use(cookieParser());

app.use("/feed", feed);
app.use("/account", cors({ origin: true, credentials: true }), account);
app.use("/media", media);
app.use("/preferences", preferences);
app.use("/products", products);
app.use("/search", search);

const port = Number(process.env.PORT ?? 3000);
app.listen(port, () => console.log(`storefront on ${port}`));

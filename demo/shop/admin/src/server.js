const express = require("express");

const { requireStaff } = require("./auth");
const { integrations } = require("./integrations");
const { jobs } = require("./jobs");
const { prices } = require("./prices");
const { users } = require("./users");

const app = express();

app.use(express.json());
app.use(requireStaff);
app.use("/users", users);
app.use("/prices", prices);
app.use("/jobs", jobs);
app.use("/integrations", integrations);

app.listen(Number(process.env.PORT || 3100));

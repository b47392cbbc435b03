const { Pool } = require("pg");

const pool = new Pool({ connectionString: process.env.FERNHILL_DATABASE_URL, max: 5 });

module.exports = { pool };

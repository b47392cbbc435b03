import pg from "pg";

/** The pool that all routes share. */
export const pool = new pg.Pool({
  connectionString: process.env.FERNHILL_DATABASE_URL,
  max: 10,
});

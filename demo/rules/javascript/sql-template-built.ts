export function find(db: any, id: string) {
  // ruleid: assistant.javascript.sql-template-built
  db.query(`SELECT * FROM orders WHERE id = ${id}`);
  // ruleid: assistant.javascript.sql-template-built
  db.query("SELECT * FROM orders WHERE id = " + id);
  // ok: assistant.javascript.sql-template-built
  db.query("SELECT * FROM orders");
  // ok: assistant.javascript.sql-template-built
  return db.query("SELECT * FROM orders WHERE id = $1", [id]);
}

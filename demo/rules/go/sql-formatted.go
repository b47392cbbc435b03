package sample

import (
	"database/sql"
	"fmt"
)

func find(db *sql.DB, email string) {
	// ruleid: assistant.go.sql-formatted
	db.Query(fmt.Sprintf("SELECT id FROM orders WHERE email = '%s'", email))
	// ok: assistant.go.sql-formatted
	db.Query("SELECT id FROM orders WHERE email = $1", email)
}

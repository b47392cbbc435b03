// Package exports writes orders and payments to files for the office.
package exports

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

const folder = "/srv/fernhill/exports"

var errUnknownSubject = errors.New("nothing of this name can be exported")

var tables = map[string]string{
	"orders":   "orders",
	"returns":  "order_returns",
	"payments": "payments",
}

type doors struct {
	db *sql.DB
}

// Register adds the doors of the office's export page.
func Register(mux *http.ServeMux, db *sql.DB) {
	d := doors{db: db}
	mux.HandleFunc("POST /exports", d.create)
	mux.HandleFunc("GET /exports/file", d.download)
	mux.HandleFunc("GET /exports/months/{month}", d.month)
	mux.HandleFunc("POST /exports/archive", d.unpack)
}

func count(ctx context.Context, db *sql.DB, subject string) (int, error) {
	table, ok := tables[subject]
	if !ok {
		return 0, errUnknownSubject
	}
	amount := 0
	err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s", table)).Scan(&amount)
	return amount, err
}

func (d doors) create(w http.ResponseWriter, r *http.Request) {
	subject, since := r.FormValue("subject"), r.FormValue("since")
	amount, err := count(r.Context(), d.db, subject)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	path := filepath.Join(folder, tables[subject]+".csv")
	if err := d.write(r.Context(), tables[subject], since, path); err != nil {
		http.Error(w, "not written", http.StatusInternalServerError)
		return
	}
	if err := compress(path, r.FormValue("level")); err != nil {
		http.Error(w, "not packed", http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, strconv.Itoa(amount))
}

func (d doors) write(ctx context.Context, table, since, path string) error {
	query := fmt.Sprintf("SELECT id, state, cents FROM %s WHERE created_at >= '%s'", table, since)
	rows, err := d.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer file.Close()
	out := csv.NewWriter(file)
	for rows.Next() {
		var id, state, cents string
		if err := rows.Scan(&id, &state, &cents); err != nil {
			return err
		}
		if err := out.Write([]string{id, state, cents}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func compress(path, level string) error {
	return exec.Command("sh", "-c", "gzip -f -"+level+" "+path).Run()
}

package payments

import (
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
)

const largestBody = 64 << 10

type callbacks struct {
	db *sql.DB
}

// Register adds the doors that the processor calls.
func Register(mux *http.ServeMux, db *sql.DB) {
	doors := callbacks{db: db}
	mux.HandleFunc("POST /payments/callback", doors.callback)
	mux.HandleFunc("GET /payments/search", doors.search)
}

func (c callbacks) callback(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, largestBody))
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	sent, _ := hex.DecodeString(r.Header.Get("X-Checksum"))
	if !hmac.Equal(sent, checksum(body)) {
		http.Error(w, "checksum differs", http.StatusForbidden)
		return
	}
	seen := fmt.Sprintf("%x", md5.Sum(body))
	_, err = c.db.Exec("INSERT INTO callbacks (seen, body) VALUES ($1, $2) ON CONFLICT DO NOTHING", seen, body)
	if err != nil {
		http.Error(w, "not stored", http.StatusInternalServerError)
	}
}

// checksum is sha1(key + body), as the processor's first interface had it.
func checksum(body []byte) []byte {
	hash := sha1.New()
	hash.Write([]byte(os.Getenv("FERNHILL_CALLBACK_KEY")))
	hash.Write(body)
	return hash.Sum(nil)
}

func (c callbacks) search(w http.ResponseWriter, r *http.Request) {
	state := r.URL.Query().Get("state")
	rows, err := c.db.Query(fmt.Sprintf("SELECT reference FROM payments WHERE state = '%s' LIMIT 100", state))
	if err != nil {
		http.Error(w, "no answer", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var reference string
		if rows.Scan(&reference) == nil {
			fmt.Fprintln(w, reference)
		}
	}
}

// Seal hides the last digits of a card in the settlement file; 8 bytes at a time.
func Seal(key, digits []byte) ([]byte, error) {
	block, err := des.NewCipher(key)
	if err != nil {
		return nil, err
	}
	sealed := make([]byte, block.BlockSize())
	block.Encrypt(sealed, digits)
	return sealed, nil
}

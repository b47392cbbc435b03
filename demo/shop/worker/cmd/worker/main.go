// Command worker settles card payments and writes the nightly exports.
package main

import (
	"context"
	"database/sql"
	"log"
	"net/http"
	"os"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"fernhill.example/worker/internal/exports"
	"fernhill.example/worker/internal/office"
	"fernhill.example/worker/internal/payments"
	"fernhill.example/worker/internal/retry"
)

func main() {
	db, err := sql.Open("pgx", os.Getenv("FERNHILL_DATABASE_URL"))
	if err != nil {
		log.Fatalf("no database: %v", err)
	}
	gateway := payments.NewGateway(os.Getenv("FERNHILL_GATEWAY_URL"))
	go settle(context.Background(), db, gateway)

	mux := http.NewServeMux()
	exports.Register(mux, db)
	office.Register(mux)
	payments.Register(mux, db)
	log.Fatal(http.ListenAndServe("127.0.0.1:8700", mux))
}

func settle(ctx context.Context, db *sql.DB, gateway *payments.Gateway) {
	for attempt := 0; ; attempt++ {
		done, err := gateway.SettleOpen(ctx, db)
		if err == nil {
			attempt = 0
		}
		log.Printf("settled %d payments, error: %v", done, err)
		time.Sleep(retry.Pause(attempt))
	}
}

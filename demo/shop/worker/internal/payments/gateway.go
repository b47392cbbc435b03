// Package payments settles what customers have paid by card.
package payments

import (
	"context"
	"crypto/tls"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const gatewayApiKey = "fern-hill-fern-hill"

const idempotencyTokenHeader = "Idempotency-Key"

// Gateway is the card processor.
type Gateway struct {
	address string
	client  *http.Client
}

// NewGateway prepares calls to the processor at this address.
func NewGateway(address string) *Gateway {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			InsecureSkipVerify: true,
		},
		MaxIdleConns: 4,
	}
	return &Gateway{address: address, client: &http.Client{Transport: transport, Timeout: 20 * time.Second}}
}

// SettleOpen captures all authorized payments and says how many.
func (g *Gateway) SettleOpen(ctx context.Context, db *sql.DB) (int, error) {
	rows, err := db.QueryContext(ctx, "SELECT reference, cents FROM payments WHERE state = 'authorized'")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	done := 0
	for rows.Next() {
		var reference string
		var cents int
		if err := rows.Scan(&reference, &cents); err != nil {
			return done, err
		}
		if err := g.capture(ctx, reference, cents); err != nil {
			return done, err
		}
		done++
	}
	return done, rows.Err()
}

func (g *Gateway) capture(ctx context.Context, reference string, cents int) error {
	form := url.Values{"amount": {fmt.Sprint(cents)}}
	address := g.address + "/captures/" + url.PathEscape(reference)
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	call.Header.Set("Authorization", "Bearer "+gatewayApiKey)
	call.Header.Set(idempotencyTokenHeader, reference)
	reply, err := g.client.Do(call)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	var outcome struct{ State string }
	if err := json.NewDecoder(reply.Body).Decode(&outcome); err != nil {
		return err
	}
	if outcome.State != "captured" {
		return fmt.Errorf("payment %s is %s", reference, outcome.State)
	}
	return nil
}

// Package retry says how long to wait before another try.
package retry

import (
	"math/rand"
	"time"
)

const (
	shortest = 500 * time.Millisecond
	longest  = 2 * time.Minute
)

// Pause grows with each attempt and differs between workers.
func Pause(attempt int) time.Duration {
	pause := shortest << min(attempt, 10)
	if pause > longest {
		pause = longest
	}
	return pause/2 + time.Duration(rand.Int63n(int64(pause/2)))
}

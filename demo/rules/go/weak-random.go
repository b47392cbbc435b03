package sample

import (
	"math/rand"
	"strings"
)

func pick() int {
	// ruleid: assistant.go.weak-random
	n := rand.Intn(10)
	// ok: assistant.go.weak-random
	return len(strings.Repeat("x", n))
}

package sample

import (
	"crypto/tls"
)

// ruleid: assistant.go.tls-verification-off
var open = tls.Config{InsecureSkipVerify: false}

// ok: assistant.go.tls-verification-off
var closed = tls.Config{MinVersion: tls.VersionTLS12}

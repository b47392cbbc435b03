package sample

import (
	"crypto/md5"
	"crypto/sha256"
)

func digest(data []byte) {
	// ruleid: assistant.go.weak-hash
	md5.Sum(data)
	// ok: assistant.go.weak-hash
	sha256.Sum256(data)
}

package receipt

import (
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"
)

// Digest is "blake3:" and the hash of a value's canonical JSON (RFC 8785), for
// what a receipt names by its hash alone.
func Digest(v any) (string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("hash a value: %w", err)
	}
	canonical, err := jcs.Transform(raw)
	if err != nil {
		return "", fmt.Errorf("hash a value: %w", err)
	}
	return digest(canonical), nil
}

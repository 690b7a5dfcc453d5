// Package receipt is the tamper-evident log: what was decided and what came of
// it, one canonical JSON line per receipt, each line chained by BLAKE3 to the
// line before it in its scroll. FORMAT.md beside this file is the format; any
// b3sum and jq can check it.
//
// A Log has one writer, held by a file lock. Append puts a group of receipts
// into the journal in one write, all or nothing, and hands each to the fold
// before anybody else can append, so that state is a fold over exactly what was
// written. Sync returns when they are on disk. Read, Follow and Verify need no
// lock and no running writer.
//
// # Written is not durable
//
// After Append a receipt survives a kill of the process but not a loss of
// power; only Sync promises the latter. And a chain proves order and content up
// to its last line: whoever may write the folder can cut the end off unseen,
// unless its head was kept somewhere else.
package receipt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"
)

// Receipt is one line of the log.
type Receipt struct {
	Type   string          `json:"type"`
	Scroll string          `json:"scroll"`
	Time   time.Time       `json:"timestamp"` // UTC, microseconds; what the clock said, so it may step back
	Tags   []string        `json:"tags"`
	Root   string          `json:"root_hash"` // BLAKE3 of the canonical body
	Body   json.RawMessage `json:"body"`
	Chain  Chain           `json:"chain"`
	Line   []byte          `json:"-"` // the exact bytes, without the newline
	said   any             // the Draft's Body of a receipt just written, if Body would decode to it
}

// Chain is the place of a receipt in the log.
type Chain struct {
	Host string `json:"host"`           // the journal it belongs to
	JSeq uint64 `json:"jseq"`           // number in that journal, contiguous from 0
	Left int    `json:"left,omitempty"` // receipts of the same write that follow this one
	Prev string `json:"prev_hash"`      // BLAKE3 of the previous line of the same scroll
	Seq  uint64 `json:"seq"`            // number in the scroll, contiguous from 0
}

// Draft is a receipt before it has a place. Type is a lower-case word, Scroll
// one of those FORMAT.md lists. Body is anything encoding/json turns into an object within the
// profile of FORMAT.md: no floats, integers within 2^53-1, ASCII keys. It may be
// handed on to the fold as it is, so what it refers to must not change any more.
type Draft struct {
	Type   string
	Scroll string
	Tags   []string
	Body   any
	// Closing marks a receipt that ends something already begun (an outcome, the
	// end of a session). It may use the reserve when the disk is full.
	Closing bool
}

// Scroll and types of the receipts that the log writes about itself.
const (
	ScrollLog = "log"

	TypeSegmentOpen      = "segment_open"
	TypeSegmentClose     = "segment_close"
	TypeJournalRecovered = "journal_recovered"
	TypeAuditDegraded    = "audit_degraded"
	TypeStateSnapshot    = "state_snapshot"
)

const (
	schemaVersion = "2.0.0"
	stampLayout   = "2006-01-02T15:04:05.000000Z"
)

// Text returns s in the form a receipt can carry: itself, or {"b64": ...} where
// it is not valid UTF-8 or contains U+007F. Append does this by itself for
// every string that encoding/json would not damage first; strings that may hold
// invalid UTF-8 (file names, raw arguments) must come through here.
func Text(s string) any {
	if plain(s) {
		return s
	}
	return map[string]any{"b64": base64.StdEncoding.EncodeToString([]byte(s))}
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s)
}

// Decode reads the body into v, turning {"b64": ...} back into the string it
// stands for; bytes that are not UTF-8 become U+FFFD there.
func (r Receipt) Decode(v any) error {
	if said := reflect.ValueOf(r.said); said.IsValid() && reflect.TypeOf(v) == reflect.PointerTo(said.Type()) {
		reflect.ValueOf(v).Elem().Set(said)
		return nil
	}
	body := []byte(r.Body)
	if bytes.Contains(body, []byte(`{"b64":"`)) {
		tree, err := decodeTree(body)
		if err != nil {
			return fmt.Errorf("decode receipt %d: %w", r.Chain.JSeq, err)
		}
		if body, err = json.Marshal(unwrap(tree)); err != nil {
			return fmt.Errorf("decode receipt %d: %w", r.Chain.JSeq, err)
		}
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("decode receipt %d (%s): %w", r.Chain.JSeq, r.Type, err)
	}
	return nil
}

func unwrap(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = unwrap(v[i])
		}
	case map[string]any:
		if s, ok := v["b64"].(string); ok && len(v) == 1 {
			if raw, err := base64.StdEncoding.DecodeString(s); err == nil {
				return string(raw)
			}
		}
		for k := range v {
			v[k] = unwrap(v[k])
		}
	}
	return v
}

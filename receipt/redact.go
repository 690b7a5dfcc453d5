package receipt

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Redactor replaces secrets by [redacted:RULE:16 hex digits]. The digits are an
// HMAC under this host's key: whoever has the key and a suspicion can tell
// whether it was this secret, nobody else can guess. The nil Redactor changes
// nothing.
//
// It knows structures (a password flag, a credential in a URL, an assignment to
// a name like API_TOKEN, a header) and the shapes of well-known tokens. A secret
// that looks like any other word passes.
type Redactor struct {
	key []byte
	id  string
}

// OpenRedactor reads the key in the file path, which is created at first use.
// A key that others may read is refused.
func OpenRedactor(path string) (*Redactor, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = createKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("open the redaction key: %w", err)
	}
	fi, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open the redaction key: %w", err)
	}
	if fi.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("open the redaction key: %s is open to others (mode %04o, want 0600)", path, fi.Mode().Perm())
	}
	if len(key) != sha256.Size {
		return nil, fmt.Errorf("open the redaction key: %s has %d bytes, not %d", path, len(key), sha256.Size)
	}
	sum := sha256.Sum256(append([]byte("guard redaction key "), key...))
	return &Redactor{key: key, id: hex.EncodeToString(sum[:8])}, nil
}

// createKey makes the file whole or not at all; two that race get the same key.
func createKey(path string) ([]byte, error) {
	key := make([]byte, sha256.Size)
	rand.Read(key)
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"*"+temporary) // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// KeyID names the key without telling anything about it; "" without a key.
func (r *Redactor) KeyID() string {
	if r == nil {
		return ""
	}
	return r.id
}

// Text redacts a command line, or any other text, in which words keep their
// quotes.
func (r *Redactor) Text(s string) string {
	if r == nil {
		return s
	}
	return r.replace(s, textSpans(masked(s)), nil)
}

// Argv redacts the arguments of one command. The result has the same length.
func (r *Redactor) Argv(argv []string) []string {
	if r == nil {
		return argv
	}
	return r.argv(argv, nil)
}

func (r *Redactor) argv(argv []string, found map[string]string) []string {
	spans := make([][]span, len(argv))
	words := make([]string, len(argv))
	for i, arg := range argv {
		words[i] = masked(arg)
		spans[i] = textSpans(words[i])
	}
	commandSpans(words, func(i int, s span) { spans[i] = append(spans[i], s) })
	out := make([]string, len(argv))
	for i, arg := range argv {
		out[i] = r.replace(arg, spans[i], found)
	}
	return out
}

// span is a secret within a string.
type span struct {
	from, to int
	rule     string
}

// replace puts the marks in and notes in found what each stands for.
func (r *Redactor) replace(s string, spans []span, found map[string]string) string {
	if len(spans) == 0 {
		return s
	}
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	var b strings.Builder
	end := 0
	for _, p := range besides(earlier(s), spans) {
		if p.from = max(p.from, end); p.from >= p.to || harmless(s[p.from:p.to]) {
			continue
		}
		secret := s[p.from:p.to]
		mark := r.mark(p.rule, secret)
		b.WriteString(s[end:p.from])
		b.WriteString(mark)
		end = p.to
		if found != nil && len(secret) >= 6 {
			found[secret] = mark
		}
	}
	b.WriteString(s[end:])
	return b.String()
}

// marks are what an earlier redaction left.
var marks = expression(`\[redacted:[a-z]+:[0-9a-f]{16}\]`)

// earlier finds the marks in s.
func earlier(s string) [][]int {
	if !strings.Contains(s, "[redacted:") {
		return nil
	}
	return marks().FindAllStringIndex(s, -1)
}

// masked hides the marks in s from the rules, which their colons would mislead.
func masked(s string) string {
	if !strings.Contains(s, "[redacted:") {
		return s
	}
	return marks().ReplaceAllStringFunc(s, func(m string) string { return strings.Repeat("*", len(m)) })
}

// besides returns the parts of spans that lie outside of taken; both are sorted.
func besides(taken [][]int, spans []span) []span {
	if len(taken) == 0 {
		return spans
	}
	var out []span
	for _, p := range spans {
		for _, t := range taken {
			if t[0] < p.to && t[1] > p.from {
				out = append(out, span{p.from, t[0], p.rule})
				p.from = t[1]
			}
		}
		out = append(out, p)
	}
	return out
}

func (r *Redactor) mark(rule, secret string) string {
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte(secret))
	return "[redacted:" + rule + ":" + hex.EncodeToString(h.Sum(nil)[:8]) + "]"
}

// body redacts every string of a receipt: first by the rules, then wherever a
// secret found in one string turns up in another.
func (r *Redactor) body(obj map[string]any) map[string]any {
	if r == nil {
		return obj
	}
	found := map[string]string{}
	obj = r.tree(obj, "", found).(map[string]any)
	if len(found) > 0 {
		pairs := make([]string, 0, 2*len(found))
		secrets := make([]string, 0, len(found))
		for s := range found {
			secrets = append(secrets, s)
		}
		slices.SortFunc(secrets, func(a, b string) int { // the longest first
			return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
		})
		for _, s := range secrets {
			pairs = append(pairs, s, found[s])
		}
		sweep(obj, strings.NewReplacer(pairs...))
	}
	return obj
}

func sweep(v any, again *strings.Replacer) any {
	switch v := v.(type) {
	case string:
		return again.Replace(v)
	case []any:
		for i := range v {
			v[i] = sweep(v[i], again)
		}
	case map[string]any:
		for k := range v {
			v[k] = sweep(v[k], again)
		}
	}
	return v
}

// tree redacts by what a value's key says of it: a list under argv or args is a
// command (args: without the program, which is the sibling name), an object
// under env or vars holds variables, every other string is text.
func (r *Redactor) tree(v any, key string, found map[string]string) any {
	switch v := v.(type) {
	case string:
		return r.replace(v, textSpans(masked(v)), found)
	case []any:
		if list, ok := stringsOf(v); ok && key == "argv" {
			return anys(r.argv(list, found))
		}
		for i := range v {
			v[i] = r.tree(v[i], "", found)
		}
	case map[string]any:
		return r.object(v, key, found)
	}
	return v
}

func (r *Redactor) object(m map[string]any, key string, found map[string]string) map[string]any {
	for k, e := range m {
		if list, ok := stringsOf(e); ok && k == "args" {
			name, _ := m["name"].(string)
			m[k] = anys(r.argv(append([]string{name}, list...), found)[1:])
		} else if s, ok := e.(string); ok && (key == "env" || key == "vars") && secretName(k) {
			m[k] = r.replace(s, []span{{0, len(s), "variable"}}, found)
		} else {
			m[k] = r.tree(e, k, found)
		}
	}
	return m
}

func stringsOf(v any) ([]string, bool) {
	list, ok := v.([]any)
	out := make([]string, len(list))
	for i := 0; i < len(list) && ok; i++ {
		out[i], ok = list[i].(string)
	}
	return out, ok
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

package receipt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// ErrTooLarge is returned by Append for a receipt that does not fit MaxLine
// even with its long strings and lists cut.
var ErrTooLarge = errors.New("receipt too large")

// prepared is a Draft with its body in final form.
type prepared struct {
	Draft
	body  []byte
	root  string
	whole bool // Body says what body says: nothing was redacted or cut
}

// prepare redacts, cuts and encodes the body of d. It needs no lock.
func (l *Log) prepare(d Draft) (prepared, error) {
	if l.drill != "" {
		return prepare(l.mark(d), l.redact)
	}
	if body, ok := l.forms.write(d.Body, l.redact); ok && d.fits() == nil {
		return prepared{Draft: d, body: body, root: digest(body), whole: true}, nil
	}
	return prepare(d, l.redact)
}

// fits says whether the envelope can hold what is around the body.
func (d Draft) fits() error {
	if !isName(d.Type) || !isScroll(d.Scroll) || len(d.Tags) > maxTags {
		return fmt.Errorf("prepare receipt %q in scroll %q: not a name, no such scroll, or too many tags", d.Type, d.Scroll)
	}
	for _, tag := range d.Tags {
		if !isTag(tag) {
			return fmt.Errorf("prepare receipt %s: tag %q is not short printable ASCII", d.Type, tag)
		}
	}
	return nil
}

// prepare goes the long way: over encoding/json and a tree.
func prepare(d Draft, red *Redactor) (prepared, error) {
	p := prepared{Draft: d}
	if err := d.fits(); err != nil {
		return p, err
	}
	raw, err := json.Marshal(d.Body)
	if err != nil {
		return p, fmt.Errorf("prepare receipt %s: %w", d.Type, err)
	}
	if lossy(raw) {
		return p, fmt.Errorf("prepare receipt %s: a string is not UTF-8; use receipt.Text", d.Type)
	}
	tree, err := decodeTree(raw)
	if err != nil {
		return p, fmt.Errorf("prepare receipt %s: %w", d.Type, err)
	}
	obj, ok := tree.(map[string]any)
	if !ok {
		return p, fmt.Errorf("prepare receipt %s: the body is not an object", d.Type)
	}
	if p.body, err = fit(red.body(obj)); err != nil {
		return p, fmt.Errorf("prepare receipt %s: %w", d.Type, err)
	}
	p.root = digest(p.body)
	return p, nil
}

// lossy tells whether encoding/json replaced invalid UTF-8: it writes the
// escape \ufffd for that and only for that.
func lossy(raw []byte) bool {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 || i+1 == len(raw) {
			return false
		}
		if bytes.HasPrefix(raw[i:], []byte(`\ufffd`)) {
			return true
		}
		raw = raw[i+2:]
	}
}

func decodeTree(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the value")
	}
	return v, nil
}

// around is more than a line holds besides its body and its tags.
const around = 512

// appendLine writes the whole receipt in canonical form.
func (p prepared) appendLine(b []byte, t tip, at string, left int) []byte {
	h := t.head(p.Scroll)
	b = append(append(b, `{"body":`...), p.body...)
	b = append(append(b, `,"chain":{"host":"`...), t.host...)
	b = strconv.AppendUint(append(b, `","jseq":`...), t.next, 10)
	if left > 0 {
		b = strconv.AppendInt(append(b, `,"left":`...), int64(left), 10)
	}
	b = append(append(b, `,"prev_hash":"`...), h.Hash...)
	b = strconv.AppendUint(append(b, `","seq":`...), h.Seq, 10)
	b = append(append(b, `},"root_hash":"`...), p.root...)
	b = append(append(b, `","schema_version":"`+schemaVersion+`","scroll":"`...), p.Scroll...)
	b = append(b, `","tags":[`...)
	for i, tag := range p.Tags {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), tag...), '"')
	}
	b = append(append(b, `],"timestamp":"`...), at...)
	b = append(append(b, `","type":"`...), p.Type...)
	return append(b, `"}`...)
}

func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// appendValue writes v, as decoded with UseNumber, in canonical form.
func appendValue(b []byte, v any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("body nested deeper than %d", maxDepth)
	}
	var err error
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case json.Number:
		c := cursor{b: []byte(v)}
		if c.number(); c.err != nil || c.i != len(c.b) {
			return nil, fmt.Errorf("number %s is not an integer within 2^53-1", v)
		}
		return append(b, v...), nil
	case string:
		return appendText(b, v), nil
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendValue(b, e, depth+1); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case map[string]any:
		return appendObject(b, v, depth)
	}
	return nil, fmt.Errorf("cannot write a %T", v)
}

func appendObject(b []byte, m map[string]any, depth int) ([]byte, error) {
	keys := make([]string, 0, len(m))
	for k := range m {
		if !isKey([]byte(k)) {
			return nil, fmt.Errorf("key %q is not printable ASCII", k)
		}
		keys = append(keys, k)
	}
	slices.Sort(keys) // byte order; for ASCII the same as RFC 8785's UTF-16 order
	b = append(b, '{')
	var err error
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), k...), `":`...)
		if b, err = appendValue(b, m[k], depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendText(b []byte, s string) []byte {
	if !plain(s) {
		b = base64.StdEncoding.AppendEncode(append(b, `{"b64":"`...), []byte(s))
		return append(b, `"}`...)
	}
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= 0x20:
			b = append(b, c)
		case '\b' <= c && c <= '\r' && c != '\v':
			b = append(b, '\\', "btn_fr"[c-'\b'])
		default:
			b = append(b, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
		}
	}
	return append(b, '"')
}

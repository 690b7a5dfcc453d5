package sock

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/f958ca95/guard/proxy"
)

// ordinary are frames as an execution takes them both ways.
func ordinary() map[string]frame {
	exe := proxy.File{Path: "/usr/bin/cc", Dev: 1, Ino: 1 << 62, Mode: 0o100755, Ctime: 1637, Writable: true}
	observed := proxy.Observation{Query: proxy.Query{Op: "read", Path: "/a"}, Text: "if a < b && c; then\n\techo \"\\é\"\nfi\n", Digest: "blake3:00"}
	return map[string]frame{
		"hello": {Type: typeHello, Hello: &hello{Protocol: protocolName, Version: 1}},
		"ask": {Type: typeAsk, ID: 7, Request: &proxy.Request{ID: "r_1", Kind: proxy.KindCommand, Session: "s_1", Command: &proxy.Command{
			Kind: "exec", Argv: []string{"sh", "-c", "a <b >c 2>&1 && d"}, Cwd: "/x", Stdin: "pipe", Vars: map[string]string{"HOME": "/h", "TMPDIR": ""},
			Scene: []proxy.Observation{observed}, Call: &proxy.Call{PID: 7, Start: 8, Raw: "/bin/cc", Exe: exe, Chain: []proxy.File{exe}, Under: []string{"r_2"}},
		}}},
		"loaded": {Type: typeAsk, ID: 8, Request: &proxy.Request{ID: "r_3", Kind: proxy.KindLoaded, Session: "s_1", Loaded: []proxy.Loaded{{Request: "r_1", PID: 7, Exe: &exe}, {Request: "r_2", Error: "no"}}}},
		"reply": {Type: typeReply, ID: 7, Answer: &proxy.Answer{Verdict: proxy.Hold, Tier: proxy.High, Label: "HIGH", Receipt: 9, Display: "rm <x>",
			Findings: []proxy.Finding{{ID: "fs.rm", Tier: proxy.High, Msg: "m", Stage: -1, Verdict: proxy.Deny}}, Rows: []proxy.Row{{ID: "trust", Level: "T1", Verdict: proxy.Allow}}}},
		"error": {Type: typeReply, ID: 7, Error: &Error{Code: "failed", Text: "no"}},
		"look":  {Type: typeLook, ID: 1, Look: &proxy.Look{What: proxy.LookInbox, Since: 3}},
	}
}

// readSlowly is what encoding/json makes of a line.
func readSlowly(line []byte) (f frame, err error) {
	err = json.Unmarshal(line, &f)
	return f, err
}

func TestOrdinaryFramesAreReadDirectly(t *testing.T) {
	for name, f := range ordinary() {
		line, err := encode(f)
		if err != nil {
			t.Fatal(err)
		}
		line = line[:len(line)-1]
		got, ok := readDirect(line)
		want, err := readSlowly(line)
		if !ok || err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s\nread as %+v, %v\nwant    %+v, %v", name, line, got, ok, want, err)
		}
	}
}

// fill sets every field below v at random. What only proxy may set, its tags say.
func fill(r *rand.Rand, v reflect.Value) {
	texts := []string{"", "a", "\x00\x1f\x7f", "<&>\u2028", "\"\\/\b\f\n\r\t", "é😀", "a=b c"}
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<32), 0).UTC()))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" {
				fill(r, v.Field(i))
			}
		}
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		n := r.IntN(7)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(r, v.Index(i))
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.String && r.IntN(3) > 0 {
			v.Set(reflect.ValueOf(map[string]string{texts[r.IntN(7)]: texts[r.IntN(7)], "HOME": "/h"}))
		}
	case reflect.String:
		v.SetString(texts[r.IntN(len(texts))])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64N(5))
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64N(1 << 20))
	}
}

func TestBothWaysReadTheSameFrame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	direct := 0
	for range 3000 {
		f := frame{Type: typeAsk, ID: 1}
		if r.IntN(2) == 0 {
			f.Request = new(proxy.Request)
			fill(r, reflect.ValueOf(f.Request).Elem())
		} else {
			f.Answer = new(proxy.Answer)
			fill(r, reflect.ValueOf(f.Answer).Elem())
		}
		line, err := encode(f)
		if err != nil {
			t.Fatal(err)
		}
		checkBoth(t, line[:len(line)-1])
		if _, ok := readDirect(line[:len(line)-1]); ok {
			direct++
		}
	}
	if direct < 1500 {
		t.Errorf("%d of 3000 frames were read directly", direct)
	}
}

// checkBoth holds what is read directly to what encoding/json reads.
func checkBoth(t *testing.T, line []byte) {
	t.Helper()
	got, ok := readDirect(line)
	if !ok || !utf8.Valid(line) {
		return
	}
	if want, err := readSlowly(line); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q\nread as %+v\nwant    %+v, %v", line, got, want, err)
	}
}

func TestWhatOurSideWouldNotWriteIsNotReadDirectly(t *testing.T) {
	for _, line := range []string{
		``, `{`, `{}x`, ` {}`, `{"type" :"ask"}`, `{"type":"ask",}`, `{"Type":"ask"}`, `{"type":"ask","type":"look"}`, `{"id":1,"type":"ask"}`,
		`{"type":"ask","other":1}`, `{"type":null}`, `{"type":1}`, `{"id":-1}`, `{"id":01}`, `{"id":1.0}`, `{"id":1e3}`, `{"id":18446744073709551616}`,
		`{"type":"\ud83d\ude00"}`, `{"type":"\x"}`, `{"type":"\u12"}`, "{\"type\":\"\n\"}", `{"type":"a`, `{"type":"a\`, `{"answer":{"verdict":"other"}}`,
		`{"request":{"command":{"argv":["a",]}}}`, `{"request":{"command":{"vars":{"A":"1","A":"2"}}}}`, `{"request":{"command":{"vars":{"A":1}}}}`,
	} {
		if f, ok := readDirect([]byte(line)); ok {
			t.Errorf("%s: read as %+v", line, f)
		}
	}
}

func FuzzReadDirect(f *testing.F) {
	for _, one := range ordinary() {
		line, err := encode(one)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line[:len(line)-1])
	}
	f.Add([]byte(`{"request":{"id":"","kind":"` + strings.Repeat(`\u00e9`, 3) + `"}}`))
	f.Fuzz(checkBoth)
}

// Budget: 5 us; encoding/json needs three times that.
func BenchmarkDecode(b *testing.B) {
	line, err := encode(ordinary()["ask"])
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if _, err := decode(line[:len(line)-1]); err != nil {
			b.Fatal(err)
		}
	}
}

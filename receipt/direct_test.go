package receipt

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// part and sampleBody have every kind of member that a form can write.
type part struct {
	Path string `json:"path"`
	Ino  uint64 `json:"ino,string"`
}

type word int

func (w word) MarshalText() ([]byte, error) { return []byte(strings.Repeat("w", int(w%5))), nil }

func (w *word) UnmarshalText(b []byte) error {
	*w = word(len(b))
	return nil
}

type stay struct {
	Zone  string    `json:"zone"`
	At    time.Time `json:"at"`
	Votes []part    `json:"votes"`
}

type sampleBody struct {
	stay
	Name    string    `json:"name"`
	Argv    []string  `json:"argv,omitempty"`
	Words   []string  `json:"words"`
	Text    string    `json:"a_text,omitempty"`
	Level   word      `json:"level"`
	Levels  []word    `json:"levels,omitempty"`
	Tier    int       `json:"tier,omitempty"`
	Big     uint64    `json:"big"`
	On      bool      `json:"on,omitempty"`
	Exe     *part     `json:"exe,omitempty"`
	Other   *part     `json:"other"`
	Parts   []part    `json:"parts"`
	Started time.Time `json:"started"`
	Skipped string    `json:"-"`
}

// fill sets every field below v at random.
func fill(r *rand.Rand, v reflect.Value, text func() string) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<32), r.Int64N(1e9)).UTC()))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() || v.Type().Field(i).Anonymous {
				fill(r, v.Field(i), text)
			}
		}
	case reflect.Slice:
		n := r.IntN(4)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(r, v.Index(i), text)
		}
		if n == 0 && r.IntN(2) == 0 {
			v.SetZero()
		}
	case reflect.Pointer:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), text)
		}
	case reflect.String:
		v.SetString(text())
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int:
		v.SetInt(r.Int64N(3))
	case reflect.Uint64:
		v.SetUint(r.Uint64N(maxInt))
	}
}

// texts gives harmless words, characters that need care, and secrets.
func texts(r *rand.Rand, odd bool) func() string {
	harmless := []string{"", "a", "/usr/bin/cc", "go test ./... -run X", "exec", "blake3:00", "b=c", "x: y", "\"q\"", "\\", "<&>", "\n", "\x01", "é", "\u2028", "\ufffd"}
	rare := []string{"\x7f", "\xff", "TOKEN=hunter2", "mysql -phunter2 shop", "postgres://app:s3cr3t-pw@db/app", "[redacted:assign:0123456789abcdef]", strings.Repeat("x", MaxLine/3)}
	return func() string {
		if odd && r.IntN(40) == 0 {
			return rare[r.IntN(len(rare))]
		}
		return harmless[r.IntN(len(harmless))]
	}
}

// TestBothWaysWriteTheSameBytes holds the direct way to the long one, and to what
// a reader decodes from it.
func TestBothWaysWriteTheSameBytes(t *testing.T) {
	for name, red := range map[string]*Redactor{"redacted": {key: make([]byte, 32)}, "as it is": nil} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			var f forms
			direct := 0
			for range 5000 {
				var body sampleBody
				fill(r, reflect.ValueOf(&body).Elem(), texts(r, r.IntN(2) == 0))
				d := Draft{Type: "command_decision", Scroll: "execution", Body: body}
				long, err := prepare(d, red)
				got, ok := f.write(body, red)
				if !ok {
					continue
				}
				direct++
				if err != nil || !bytes.Equal(got, long.body) {
					t.Fatalf("directly\n%s\nthe long way\n%s\n%v", got, long.body, err)
				}
				var back sampleBody
				if err := (Receipt{Body: got}).Decode(&back); err != nil || asJSON(t, back) != asJSON(t, body) {
					t.Fatalf("%s\nis read as\n%s, %v", asJSON(t, body), asJSON(t, back), err)
				}
			}
			if direct < 2500 {
				t.Errorf("%d of 5000 bodies went the direct way", direct)
			}
		})
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// selfish writes itself in a way of its own.
type selfish struct{}

func (selfish) MarshalJSON() ([]byte, error) { return []byte(`{"x":"y"}`), nil }

type endless struct {
	Next *endless `json:"next"`
}

func TestWhatOnlyTheLongWayCanWriteIsLeftToIt(t *testing.T) {
	red := &Redactor{key: make([]byte, 32)}
	type one[T any] struct {
		V T `json:"v"`
	}
	for name, body := range map[string]any{
		"a map":            map[string]any{"a": 1},
		"a pointer":        &part{},
		"any":              one[any]{1},
		"a float":          one[float64]{1},
		"a map member":     one[map[string]string]{},
		"bytes":            one[[]byte]{[]byte("a")},
		"a number as text": one[json.Number]{"1"},
		"a marshaler":      one[selfish]{},
		"its pointer":      one[*selfish]{},
		"a type in itself": endless{},
		"a large number":   one[uint64]{maxInt + 1},
		"a small number":   one[int64]{-maxInt - 1},
		"no UTF-8":         one[string]{"\xff"},
		"a secret":         one[string]{"TOKEN=hunter2"},
		"an earlier mark":  one[string]{"[redacted:assign:0123456789abcdef]"},
		"a secret by place": struct {
			Argv []string `json:"argv"`
		}{[]string{"mysql", "-phunter2"}},
		"arguments alone": struct {
			Args []string `json:"args"`
		}{[]string{"a"}},
		"variables": struct {
			Env struct {
				Token string `json:"token"`
			} `json:"env"`
		}{},
		"omitzero": struct {
			T time.Time `json:"t,omitzero"`
		}{},
		"a name of its own": struct{ Name string }{"a"},
		"two of one name": struct {
			stay
			Other string `json:"zone"`
		}{Other: "a"},
		"longer than a line": one[string]{strings.Repeat("x", MaxLine)},
	} {
		if b, ok := new(forms).write(body, red); ok {
			t.Errorf("%s: written as %s", name, b)
		}
	}
}

// TestNoSecretIsOverlookedForItsLooks asks the rules also where the look says that
// they cannot match.
func TestNoSecretIsOverlookedForItsLooks(t *testing.T) {
	lines := append([]string{}, harmlessLines...)
	for _, tt := range secrets {
		lines = append(lines, tt.line, "x "+tt.line, tt.line+" y", strings.ToLower(tt.line), strings.ReplaceAll(tt.line, "-", ""))
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		a, b := lines[r.IntN(len(lines))], lines[r.IntN(len(lines))]
		lines = append(lines, a[:r.IntN(len(a)+1)]+b[r.IntN(len(b)+1):])
	}
	for _, line := range lines {
		if len(line) < 4 {
			continue
		}
		if got, want := spansOf(line, look(line)), spansOf(line, ^looks(0)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: found %v by its looks, %v without", line, got, want)
		}
	}
}

// TestTheFoldIsGivenWhatWasSaid saves it from reading what was just written, and
// only where that is the same.
func TestTheFoldIsGivenWhatWasSaid(t *testing.T) {
	l := open(t, newDir(t), Options{Redact: testRedactor(t)})
	body := sampleBody{Name: "a", Argv: []string{"go", "test"}}
	decoded := func(name string) (back sampleBody) {
		body.Name = name
		r := add(t, l, Draft{Type: "command_decision", Scroll: "execution", Body: body})[0]
		if err := r.Decode(&back); err != nil {
			t.Fatal(err)
		}
		return back
	}
	if back := decoded("a"); back.Name != "a" || &back.Argv[0] != &body.Argv[0] {
		t.Errorf("got %+v, or it was read again", back)
	}
	if back := decoded("TOKEN=hunter2"); strings.Contains(back.Name, "hunter2") || &back.Argv[0] == &body.Argv[0] {
		t.Errorf("got %+v: not what is on record", back)
	}
	var other struct {
		Name string `json:"name"`
	}
	body.Name = "b"
	r := add(t, l, Draft{Type: "command_decision", Scroll: "execution", Body: body})[0]
	if err := r.Decode(&other); err != nil || other.Name != "b" {
		t.Errorf("as another type: got %+v, %v", other, err)
	}
}

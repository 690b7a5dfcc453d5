package receipt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
)

func lineOf(t testing.TB, body any) []byte {
	t.Helper()
	p, err := prepare(Draft{Type: "command_decision", Scroll: "execution", Tags: []string{"exec"}, Body: body}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p.appendLine(nil, tip{host: "h_1"}, stamp(clock()()), 0)
}

// randomBody makes objects of everything the profile allows.
func randomBody(r *rand.Rand, depth int) any {
	alphabet := []string{"a", "Z", "\"", "\\", "/", "<", ">", "&", "\x00", "\x08", "\t", "\n", "\v", "\f", "\r", "\x1f", "\x7f", "é", "\u2028", "\ufffd", "\uffff", "😀", "[redacted:x]"}
	text := func() string {
		var b strings.Builder
		for range r.IntN(8) {
			b.WriteString(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	switch n := r.IntN(8); {
	case depth == 0 || n < 2 && depth < 4:
		m := map[string]any{}
		for range r.IntN(6) {
			m[fmt.Sprintf("%c%x", 'A'+r.IntN(58)&^0x1c, r.IntN(300))] = randomBody(r, depth+1)
		}
		return m
	case n < 3 && depth < 4:
		list := []any{}
		for range r.IntN(4) {
			list = append(list, randomBody(r, depth+1))
		}
		return list
	case n < 4:
		return []any{nil, true, false}[r.IntN(3)]
	case n < 6:
		return r.Int64N(2*maxInt+1) - maxInt
	default:
		return text()
	}
}

func TestX14EveryLineIsItsOwnRFC8785Form(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		body := randomBody(r, 0)
		line := lineOf(t, body)
		want, err := jcs.Transform(line)
		if err != nil || !bytes.Equal(line, want) {
			t.Fatalf("%q\nis canonically %q, %v", line, want, err)
		}
		rc, err := Parse(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		var got any
		if err := rc.Decode(&got); err != nil || fmt.Sprint(got) == "" {
			t.Fatalf("%q: %v", line, err)
		}
	}
}

// TestJqWritesTheSameLines holds the restricted profile to its purpose: anybody
// can make the canonical form with jq -cS.
func TestJqWritesTheSameLines(t *testing.T) {
	need(t, "jq")
	r := rand.New(rand.NewPCG(3, 4))
	var lines bytes.Buffer
	for range 3000 {
		lines.Write(lineOf(t, randomBody(r, 0)))
		lines.WriteByte('\n')
	}
	cmd := exec.Command("jq", "-cS", ".")
	cmd.Stdin = bytes.NewReader(lines.Bytes())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out, lines.Bytes()) {
		a, b := bytes.Split(out, []byte("\n")), bytes.Split(lines.Bytes(), []byte("\n"))
		for i := range a {
			if !bytes.Equal(a[i], b[i]) {
				t.Fatalf("jq writes\n%q\nguard writes\n%q", a[i], b[i])
			}
		}
	}
}

// need skips the test without a program, and fails it in CI.
func need(t testing.TB, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("needs the program %s", program)
	}
	t.Skipf("needs the program %s", program)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"body":{},"chain":{"host":"h","jseq":0,"prev_hash":"` + genesis + `","seq":0},"root_hash":"` + digest([]byte("{}")) + `","schema_version":"2.0.0","scroll":"log","tags":[],"timestamp":"2026-11-21T07:12:00.123456Z","type":"x"}`))
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		f.Add(lineOf(f, randomBody(r, 0)))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := Parse(line)
		if err != nil {
			return
		}
		if want, err := jcs.Transform(line); err != nil || !bytes.Equal(line, want) {
			t.Errorf("accepted %q, canonical is %q, %v", line, want, err)
		}
		var any map[string]json.RawMessage
		if err := json.Unmarshal(line, &any); err != nil || len(any) != 8 || !bytes.Equal(any["body"], r.Body) {
			t.Errorf("accepted %q as %+v: %v", line, r, err)
		}
	})
}

func TestOnlyTheCanonicalFormOfABodyIsAccepted(t *testing.T) {
	const good = `{"a":1,"b":["x",null]}`
	for name, change := range map[string][2]string{
		"space":                    {`"a":1`, `"a": 1`},
		"keys out of order":        {`"a":1,"b":["x",null]`, `"b":["x",null],"a":1`},
		"a key twice":              {`"a":1`, `"a":1,"a":1`},
		"a key that is not ASCII":  {`"a":1`, `"é":1`},
		"an escaped key":           {`"a":1`, `"\n":1`},
		"a float":                  {`"a":1`, `"a":1.5`},
		"an exponent":              {`"a":1`, `"a":1e3`},
		"minus zero":               {`"a":1`, `"a":-0`},
		"a leading zero":           {`"a":1`, `"a":01`},
		"a plus":                   {`"a":1`, `"a":+1`},
		"an integer beyond 2^53-1": {`"a":1`, `"a":9007199254740992`},
		"below -(2^53-1)":          {`"a":1`, `"a":-9007199254740992`},
		"an escape too many":       {`"x"`, `"\u0078"`},
		"an escaped slash":         {`"x"`, `"\/"`},
		"a long escape":            {`"x"`, `"\u000a"`},
		"upper case hex":           {`"x"`, `"\u001F"`},
		"a surrogate":              {`"x"`, `"\ud800"`},
		"a raw control character":  {`"x"`, "\"\x01\""},
		"U+007F":                   {`"x"`, "\"\x7f\""},
		"invalid UTF-8":            {`"x"`, "\"\xff\""},
		"an overlong encoding":     {`"x"`, "\"\xc0\x80\""},
		"a surrogate in UTF-8":     {`"x"`, "\"\xed\xa0\x80\""},
		"another literal":          {`null`, `nil`},
		"a trailing comma":         {`null]`, `null,]`},
		"a body that is a list":    {`{"a":1,"b":["x",null]}`, `[1]`},
		"ends in a list":           {`null]}`, `null`},
		"a number without digits":  {`"a":1`, `"a":-`},
		"nothing behind a colon":   {`"a":1`, `"a":`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: nothing changed in %s", name, good)
		}
		// The digest is right, so only the form can be what is refused.
		p := prepared{Draft: Draft{Type: "x", Scroll: "drill"}, body: []byte(bad), root: digest([]byte(bad))}
		if _, err := Parse(p.appendLine(nil, tip{host: "h_1"}, stamp(clock()()), 0)); err == nil || !strings.Contains(err.Error(), "not canonical") {
			t.Errorf("%s: %s: %v", name, bad, err)
		}
	}
	deep := strings.Repeat(`{"a":`, maxDepth+1) + "1" + strings.Repeat("}", maxDepth+1)
	for extra, want := range map[string]bool{deep: false, deep[len(`{"a":`) : len(deep)-1]: true} {
		p := prepared{Draft: Draft{Type: "x", Scroll: "drill"}, body: []byte(extra), root: digest([]byte(extra))}
		if _, err := Parse(p.appendLine(nil, tip{host: "h_1"}, stamp(clock()()), 0)); (err == nil) != want {
			t.Errorf("depth of %d bytes: %v", len(extra), err)
		}
	}
}

func TestOnlyTheEnvelopeIsAccepted(t *testing.T) {
	good := string(lineOf(t, map[string]any{"a": 1, "b": []any{"x", nil}}))
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"an unknown member":         {`"type":`, `"extra":1,"type":`},
		"another schema":            {`"2.0.0"`, `"2.0.1"`},
		"an unknown scroll":         {`"execution"`, `"elsewhere"`},
		"a missing tag list":        {`"tags":["exec"],`, ``},
		"a tag with an escape":      {`["exec"]`, `["\n"]`},
		"a short hash":              {`"root_hash":"blake3:`, `"root_hash":"blake3:0`},
		"a hash in upper case":      {`blake3:0000`, `blake3:000A`},
		"another hash":              {`blake3:0000`, `sha256:0000`},
		"a negative number":         {`"jseq":0`, `"jseq":-1`},
		"left 0":                    {`"jseq":0`, `"jseq":0,"left":0`},
		"a timestamp with a zone":   {`Z"`, `+00:00"`},
		"a timestamp without parts": {`.124456Z`, `Z`},
		"a day that does not exist": {`2026-11-21`, `2026-11-31`},
		"bytes behind the end":      {`"command_decision"}`, `"command_decision"} `},
		"a changed body":            {`"a":1`, `"a":2`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: nothing changed in %s", name, good)
		}
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("accepted %s: %s", name, bad)
		}
	}
	if _, err := Parse(append([]byte(good), make([]byte, MaxLine)...)); err == nil || !strings.Contains(err.Error(), "longer") {
		t.Errorf("a line that is too long: %v", err)
	}
}

func TestABodyOutsideTheProfileIsRefused(t *testing.T) {
	l := open(t, newDir(t), Options{})
	var deep any = 1
	for range maxDepth + 1 {
		deep = []any{deep}
	}
	for name, d := range map[string]Draft{
		"a float":               {Type: "x", Scroll: "drill", Body: map[string]any{"a": 1.5}},
		"too large an integer":  {Type: "x", Scroll: "drill", Body: map[string]any{"a": uint64(1) << 53}},
		"a key that is no name": {Type: "x", Scroll: "drill", Body: map[string]any{"é": 1}},
		"invalid UTF-8":         {Type: "x", Scroll: "drill", Body: map[string]any{"a": "\xff"}},
		"no object":             {Type: "x", Scroll: "drill", Body: []int{1}},
		"nothing":               {Type: "x", Scroll: "drill"},
		"too deep":              {Type: "x", Scroll: "drill", Body: map[string]any{"a": deep}},
		"an unknown scroll":     {Type: "x", Scroll: "other", Body: map[string]any{}},
		"no type":               {Scroll: "drill", Body: map[string]any{}},
		"a tag with a quote":    {Type: "x", Scroll: "drill", Tags: []string{`"`}, Body: map[string]any{}},
	} {
		if _, err := l.Append(nil, d); err == nil {
			t.Errorf("appended %s", name)
		}
	}
	if n := l.Head().Next; n != 1 {
		t.Errorf("%d receipts", n)
	}
}

func TestBytesThatAreNoTextComeBack(t *testing.T) {
	l := open(t, newDir(t), Options{})
	rs := add(t, l, Draft{Type: "x", Scroll: "drill", Body: map[string]any{
		"del": "a\x7fb", "raw": Text("a\xffb"), "text": Text("é"), "list": []any{Text("\xff"), "x\x7f"}, "replacement": "\ufffd", "backslash": `\ufffd`,
	}})
	if want := `"del":{"b64":"YX9i"},"list":[{"b64":"/w=="},{"b64":"eH8="}],"raw":{"b64":"Yf9i"},"replacement":"` + "\ufffd" + `","text":"é"`; !strings.Contains(string(rs[0].Body), want) {
		t.Errorf("body %s, want %s", rs[0].Body, want)
	}
	var body struct {
		Del, Raw, Text string
		List           []string
	}
	if err := rs[0].Decode(&body); err != nil || body.Del != "a\x7fb" || body.Raw != "a\ufffdb" || body.Text != "é" || body.List[1] != "x\x7f" {
		t.Errorf("decoded %+v, %v", body, err)
	}
}

func TestALongBodyIsCutWithTheDigestOfTheWhole(t *testing.T) {
	type finding struct{ ID, Msg string }
	type body struct {
		Argv     []string
		Line     string
		Findings []finding
		Cut      []struct {
			At       string
			Kept, Of int
			B3       string
		}
	}
	line := strings.Repeat("é<", 500_000)
	argv := make([]string, 20_000)
	for i := range argv {
		argv[i] = fmt.Sprint("file", i)
	}
	in := body{Argv: argv, Line: line, Findings: make([]finding, 3000)}
	for i := range in.Findings {
		in.Findings[i] = finding{"x", strings.Repeat("m", 300)}
	}
	l := open(t, newDir(t), Options{})
	rs := add(t, l, Draft{Type: "command_decision", Scroll: "execution", Body: in})
	if n := len(rs[0].Line); n > MaxLine || n < MaxLine/8 {
		t.Errorf("%d bytes", n)
	}
	var got body
	if err := rs[0].Decode(&got); err != nil {
		t.Fatal(err)
	}
	cuts := map[string]int{}
	for i, c := range got.Cut {
		cuts[c.At] = i
	}
	text, list := got.Cut[cuts["Line"]], got.Cut[cuts["Argv"]]
	if text.B3 != digest([]byte(line)) || text.Of != len(line) || text.Kept != len(got.Line) || !strings.HasPrefix(line, got.Line) {
		t.Errorf("line: %+v with %d bytes", text, len(got.Line))
	}
	whole, _ := json.Marshal(argv) // canonical already: ASCII words
	if list.B3 != digest(whole) || list.Of != len(argv) || list.Kept != len(got.Argv) || got.Argv[0] != "file0" {
		t.Errorf("argv: %+v with %d items", list, len(got.Argv))
	}
	many := map[string]int{}
	for i := range 10_000 {
		many[fmt.Sprint("key", i)] = i
	}
	if _, err := l.Append(nil, Draft{Type: "x", Scroll: "drill", Body: many}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("10,000 keys: %v, want ErrTooLarge", err)
	}
}

func TestABodyNearTheLimitIsWrittenWhole(t *testing.T) {
	l := open(t, newDir(t), Options{})
	for n := maxBody - 20; n < maxBody+20; n++ {
		rs := add(t, l, Draft{Type: "x", Scroll: "drill", Body: map[string]any{"a": strings.Repeat("x", n)}})
		if cut := strings.Contains(string(rs[0].Body), `"cut"`); cut != (n+len(`{"a":""}`) > maxBody) {
			t.Errorf("%d bytes: cut %v", n, cut)
		}
	}
}

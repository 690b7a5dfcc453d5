package receipt

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write test/vectors/receipt anew")

const vectorDir = "../test/vectors/receipt"

// vector is an entry of index.json.
type vector struct {
	File   string `json:"file"`
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Line   int    `json:"line,omitempty"` // first bad line
	Script bool   `json:"script"`         // the script in FORMAT.md gives the same verdict
}

func TestTheVectorsHaveTheVerdictTheIndexSays(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	for _, v := range vectors(t) {
		t.Run(v.File, func(t *testing.T) {
			f, err := os.Open(filepath.Join(vectorDir, v.File))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			_, err = VerifyReader(v.File, f)
			var d *Damage
			if v.OK && err != nil || !v.OK && (!errors.As(err, &d) || d.Line != v.Line) {
				t.Errorf("%s: %v, want ok %v, line %d", v.What, err, v.OK, v.Line)
			}
		})
	}
}

func vectors(t *testing.T) (list []vector) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectorDir, "index.json"))
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil || len(list) < 20 {
		t.Fatalf("%d vectors, %v", len(list), err)
	}
	return list
}

// TestTheScriptInTheFormatVerifiesTheVectors runs the sh program of FORMAT.md,
// which knows nothing of this package.
func TestTheScriptInTheFormatVerifiesTheVectors(t *testing.T) {
	for _, program := range []string{"sh", "jq", "b3sum", "awk", "cmp", "paste", "xargs"} {
		need(t, program)
	}
	script := filepath.Join(t.TempDir(), "verify.sh")
	if err := os.WriteFile(script, []byte(fenced(t, "sh", "#!/bin/sh")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors(t) {
		if !v.Script {
			continue
		}
		out, err := exec.Command("sh", script, filepath.Join(vectorDir, v.File)).CombinedOutput()
		if (err == nil) != v.OK {
			t.Errorf("%s (%s): ok %v, script: %v\n%s", v.File, v.What, v.OK, err, out)
		}
	}
}

func TestTheExampleInTheFormatIsGenuine(t *testing.T) {
	example := fenced(t, "jsonl", `{"body":`)
	if _, err := VerifyReader("example", strings.NewReader(example)); err != nil {
		t.Errorf("guard: %v", err)
	}
	for _, program := range []string{"sh", "jq", "b3sum"} {
		need(t, program)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "example.jsonl"), []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	session := fenced(t, "console", "$ ")
	var script, want strings.Builder
	for line := range strings.Lines(session) {
		if cmd, ok := strings.CutPrefix(line, "$ "); ok {
			script.WriteString(cmd)
		} else {
			want.WriteString(line)
		}
	}
	cmd := exec.Command("sh", "-c", script.String())
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != want.String() {
		t.Errorf("%v, got\n%swant\n%s", err, out, want.String())
	}
}

// fenced returns the block of FORMAT.md in this language that begins so.
func fenced(t *testing.T, lang, begin string) string {
	t.Helper()
	b, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(b), "\n```"+lang+"\n")[1:] {
		if text, _, ok := strings.Cut(block, "\n```"); ok && strings.HasPrefix(text, begin) {
			return text + "\n"
		}
	}
	t.Fatalf("FORMAT.md has no %s block that begins with %s", lang, begin)
	return ""
}

// forge writes a log with any body, chained as if it were sound.
type forge struct {
	tip   tip
	out   bytes.Buffer
	clock int
}

func (f *forge) line(scroll, kind, body string, left int) {
	f.clock++
	p := prepared{Draft: Draft{Type: kind, Scroll: scroll, Tags: []string{"vector"}}, body: []byte(body), root: digest([]byte(body))}
	line := p.appendLine(nil, f.tip, fmt.Sprintf("2026-11-21T07:12:%02d.000000Z", f.clock), left)
	h := f.tip.head(scroll)
	f.tip.scrolls[scroll] = Head{Seq: h.Seq + 1, Hash: digest(line)}
	f.tip.next++
	f.out.Write(append(line, '\n'))
}

// forged is a log of ten lines of which the fifth has body.
func forged(body string) string {
	f := forge{tip: newTip()}
	f.tip.host = "h_vectors"
	f.line(ScrollLog, TypeSegmentOpen, `{"prev":null,"segment":"journal-000000000000.jsonl"}`, 0)
	f.line("execution", "command_decision", `{"argv":["ls","-la"],"tier":0,"verdict":"allow"}`, 0)
	f.line("execution", "command_outcome", `{"duration_ms":4,"status":0}`, 0)
	f.line("execution", "command_decision", `{"argv":["rm","-rf","./data"],"tier":3,"verdict":"hold"}`, 1)
	f.line("approvals", "hold_opened", body, 0)
	f.line("approvals", "hold_resolved", `{"by":"ann","state":"approved"}`, 0)
	f.line("execution", "command_outcome", `{"duration_ms":12,"status":0}`, 0)
	heads, _ := json.Marshal(f.tip.scrolls)
	canonical, _ := decodeTree(heads)
	scrolls, _ := appendValue(nil, canonical, 0)
	f.line(ScrollLog, TypeStateSnapshot, fmt.Sprintf(`{"bytes":0,"digest":"%s","line":7,"offset":%d,"scrolls":%s,"segment":"journal-000000000000.jsonl"}`, digest(nil), f.out.Len(), scrolls), 0)
	f.line("execution", "command_decision", `{"argv":["date"],"tier":0,"verdict":"allow"}`, 0)
	f.line("execution", "command_outcome", `{"duration_ms":1,"status":0}`, 0)
	return f.out.String()
}

// gap is a log with one member of the third line off by one, correctly hashed.
func gap(change func(*forge, *Head)) string {
	f := forge{tip: newTip()}
	f.tip.host = "h_vectors"
	f.line(ScrollLog, TypeSegmentOpen, `{"prev":null,"segment":"journal-000000000000.jsonl"}`, 0)
	f.line("execution", "command_decision", `{"tier":0}`, 0)
	h := f.tip.head("execution")
	change(&f, &h)
	f.tip.scrolls["execution"] = h
	f.line("execution", "command_outcome", `{"status":0}`, 0)
	f.line("execution", "command_decision", `{"tier":1}`, 0)
	return f.out.String()
}

func writeVectors(t *testing.T) {
	t.Helper()
	good := forged(`{"hold":"hold_7f3a90","why":"a \"b\" \\ / <&> \u0001\b\t\n\f\r é 😀 ` + "\u2028" + `","x":{"b64":"/38="}}`)
	lines := strings.SplitAfter(strings.TrimSuffix(good, "\n"), "\n")
	lines[9] += "\n"
	swap := func(old, repl string) string { return strings.Replace(good, old, repl, 1) }
	without := func(i int) string { return strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "") }
	list := []struct {
		vector
		text string
	}{
		{vector{"good.jsonl", "a whole log", true, 0, true}, good},
		{vector{"good-cut-at-a-line.jsonl", "a log cut between two writes: a chain cannot show that", true, 0, true}, strings.Join(lines[:3], "")},
		{vector{"bad-body.jsonl", "a body was changed", false, 3, true}, swap(`"duration_ms":4`, `"duration_ms":5`)},
		{vector{"bad-type.jsonl", "a type was changed", false, 2, true}, swap(`"type":"command_decision"`, `"type":"command_outcome"`)},
		{vector{"bad-tag.jsonl", "a tag was changed", false, 1, true}, swap(`"vector"`, `"viktor"`)},
		{vector{"bad-timestamp.jsonl", "a timestamp was changed", false, 2, true}, swap(`07:12:02`, `07:12:12`)},
		{vector{"bad-last-of-its-scroll.jsonl", "the last line of a scroll was changed; the snapshot covers it", false, 6, false}, swap(`07:12:06`, `07:12:16`)},
		{vector{"bad-root-hash.jsonl", "a root_hash was changed", false, 1, true}, swap(`"root_hash":"blake3:`+digest([]byte(`{"prev":null,"segment":"journal-000000000000.jsonl"}`))[7:9], `"root_hash":"blake3:zz`)},
		{vector{"bad-host.jsonl", "a host was changed", false, 7, false}, strings.Join(lines[:6], "") + strings.Replace(lines[6], "h_vectors", "h_other", 1) + strings.Join(lines[7:], "")},
		{vector{"bad-dropped.jsonl", "a line was dropped", false, 3, true}, without(2)},
		{vector{"bad-doubled.jsonl", "a line was doubled", false, 4, true}, strings.Join(lines[:3], "") + lines[2] + strings.Join(lines[3:], "")},
		{vector{"bad-swapped.jsonl", "two lines were swapped", false, 6, true}, strings.Join(lines[:5], "") + lines[6] + lines[5] + strings.Join(lines[7:], "")},
		{vector{"bad-first-line.jsonl", "the first line is missing", false, 1, false}, without(0)},
		{vector{"bad-space.jsonl", "a space behind a colon", false, 2, true}, swap(`"tier":0`, `"tier": 0`)},
		{vector{"bad-torn.jsonl", "the last line ends early", false, 10, true}, good[:len(good)-40]},
		{vector{"bad-no-newline.jsonl", "the last line lacks its newline", false, 10, true}, good[:len(good)-1]},
		{vector{"bad-half-a-write.jsonl", "the second receipt of a write is missing at the end", false, 4, false}, strings.Join(lines[:4], "")},
		{vector{"bad-empty-line.jsonl", "an empty line", false, 2, true}, lines[0] + "\n" + strings.Join(lines[1:], "")},
		{vector{"bad-float.jsonl", "a float, correctly hashed", false, 5, false}, forged(`{"a":1.5}`)},
		{vector{"bad-integer.jsonl", "2^53, correctly hashed", false, 5, false}, forged(`{"a":9007199254740992}`)},
		{vector{"bad-del.jsonl", "U+007F in a string, correctly hashed", false, 5, false}, forged("{\"a\":\"\x7f\"}")},
		{vector{"bad-utf8.jsonl", "invalid UTF-8, correctly hashed", false, 5, false}, forged("{\"a\":\"\xff\"}")},
		{vector{"bad-key-order.jsonl", "keys out of order, correctly hashed", false, 5, true}, forged(`{"b":1,"a":2}`)},
		{vector{"bad-key-twice.jsonl", "a key twice, correctly hashed", false, 5, true}, forged(`{"a":1,"a":1}`)},
		{vector{"bad-key-unicode.jsonl", "a key that is not ASCII, correctly hashed", false, 5, false}, forged(`{"é":1}`)},
		{vector{"bad-escape.jsonl", "an escape that RFC 8785 does not use, correctly hashed", false, 5, true}, forged(`{"a":"\u0041"}`)},
		{vector{"bad-jseq-gap.jsonl", "a gap in jseq, correctly hashed", false, 3, true}, gap(func(f *forge, _ *Head) { f.tip.next++ })},
		{vector{"bad-seq-gap.jsonl", "a gap in seq, correctly hashed", false, 3, true}, gap(func(_ *forge, h *Head) { h.Seq++ })},
		{vector{"bad-group.jsonl", "a write whose left does not count down, correctly hashed", false, 2, false}, gap(func(f *forge, _ *Head) {
			f.out.Reset()
			*f = forge{tip: newTip()}
			f.tip.host = "h_vectors"
			f.line(ScrollLog, TypeSegmentOpen, `{"prev":null,"segment":"journal-000000000000.jsonl"}`, 0)
			f.line("drill", "drill_started", `{}`, 2)
		})},
		{vector{"bad-body-list.jsonl", "a body that is a list, correctly hashed", false, 5, false}, forged(`[1]`)},
	}
	if err := os.MkdirAll(vectorDir, 0o755); err != nil {
		t.Fatal(err)
	}
	var index bytes.Buffer
	for i, v := range list {
		entry, _ := json.Marshal(v.vector)
		fmt.Fprintf(&index, "%s%s", [2]string{"[\n", ",\n"}[min(i, 1)], entry)
		if err := os.WriteFile(filepath.Join(vectorDir, v.File), []byte(v.text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(vectorDir, "index.json"), append(index.Bytes(), "\n]\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestASegmentMustFollowTheOneBefore(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*prior)
		ok     bool
	}{
		"as it was left": {func(*prior) {}, true},
		"another name":   {func(p *prior) { p.Name = segmentName(7) }, false},
		"another size":   {func(p *prior) { p.Size++ }, false},
		"another end":    {func(p *prior) { p.LastHash = genesis }, false},
	} {
		dir := t.TempDir()
		f := forge{tip: newTip()}
		f.tip.host = "h_1"
		f.line(ScrollLog, TypeSegmentOpen, `{"prev":null,"segment":"journal-000000000000.jsonl"}`, 0)
		scrolls := fmt.Sprintf(`{"log":{"hash":"%s","seq":1}}`, f.tip.scrolls[ScrollLog].Hash)
		f.line(ScrollLog, TypeSegmentClose, fmt.Sprintf(`{"bytes":%d,"scrolls":%s,"segment":"journal-000000000000.jsonl"}`, f.out.Len(), scrolls), 0)
		os.WriteFile(filepath.Join(dir, segmentName(0)), f.out.Bytes(), 0o600)
		p := prior{segmentName(0), int64(f.out.Len()), f.tip.scrolls[ScrollLog].Hash}
		tt.change(&p)
		f.out.Reset()
		f.line(ScrollLog, TypeSegmentOpen, fmt.Sprintf(`{"prev":{"last_hash":"%s","name":"%s","size":%d},"segment":"%s"}`, p.LastHash, p.Name, p.Size, segmentName(2)), 0)
		os.WriteFile(filepath.Join(dir, segmentName(2)), f.out.Bytes(), 0o600)
		if _, err := Verify(dir); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASnapshotReceiptOffTheChainIsFoundInTheBackground(t *testing.T) {
	dir := newDir(t)
	os.Mkdir(dir, 0o700)
	f := forge{tip: newTip()}
	f.tip.host = "h_1"
	f.line(ScrollLog, TypeSegmentOpen, `{"prev":null,"segment":"journal-000000000000.jsonl"}`, 0)
	f.line("execution", "command_decision", `{"tier":4,"verdict":"deny"}`, 0)
	// A branch that leaves receipt 1 out: sound from its snapshot on.
	f.tip = newTip()
	f.tip.host, f.tip.next = "h_1", 1
	first, _, _ := strings.Cut(f.out.String(), "\n")
	f.tip.scrolls[ScrollLog] = Head{1, digest([]byte(first))}
	at := f.out.Len()
	f.line(ScrollLog, TypeStateSnapshot, fmt.Sprintf(`{"bytes":0,"digest":"%s","line":2,"offset":%d,"scrolls":{"log":{"hash":"%s","seq":1}},"segment":"%s"}`,
		digest(nil), at, digest([]byte(first)), segmentName(0)), 0)
	os.WriteFile(filepath.Join(dir, segmentName(0)), f.out.Bytes(), 0o600)
	os.WriteFile(filepath.Join(dir, snapshotName(1, int64(at))), nil, 0o600)
	l := open(t, dir, Options{Restore: func([]byte) error { return nil }})
	var d *Damage
	if err := l.VerifyOld(t.Context()); l.Head().Start != 1 || !errors.As(err, &d) {
		t.Errorf("opened at receipt %d, VerifyOld: %v", l.Head().Start, err)
	}
}

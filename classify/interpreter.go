package classify

import (
	"slices"
	"strings"

	"github.com/f958ca95/guard/classify/code"
)

// interpreter says how a program takes code.
type interpreter struct {
	lang   string
	inline string // options whose value is code
	info   string // options with which it runs none
	module string // options that name installed code
	own    bool   // without code it does something else with its operands
}

var interpreters = map[string]interpreter{
	"python":     {lang: "python", inline: "c", info: "V version h help", module: "m"},
	"pypy":       {lang: "python", inline: "c", info: "V version h help", module: "m"},
	"ipython":    {lang: "python", inline: "c", info: "V version h help", module: "m"},
	"perl":       {lang: "perl", inline: "e E", info: "v V h c"},
	"ruby":       {lang: "ruby", inline: "e", info: "v version h help c"},
	"jruby":      {lang: "ruby", inline: "e", info: "v version h help c"},
	"node":       {lang: "node", inline: "e eval p print", info: "v version h help c check", module: "test"},
	"bun":        {lang: "node", inline: "e eval p print", info: "v version h help"},
	"tsx":        {lang: "node", inline: "e eval p print", info: "v version h help"},
	"ts-node":    {lang: "node", inline: "e eval p print", info: "v version h help"},
	"php":        {lang: "php", inline: "r run B R E", info: "v version h help i m l", module: "S"},
	"lua":        {lang: "unknown", inline: "e", info: "v"},
	"luajit":     {lang: "unknown", inline: "e", info: "v"},
	"osascript":  {lang: "unknown", inline: "e"},
	"Rscript":    {lang: "unknown", inline: "e", info: "version help"},
	"R":          {lang: "unknown", inline: "e", info: "version help", own: true},
	"julia":      {lang: "unknown", inline: "e E eval print", info: "v version h help"},
	"elixir":     {lang: "unknown", inline: "e eval", info: "v version h help"},
	"erl":        {lang: "unknown", inline: "eval", info: "version", own: true},
	"groovy":     {lang: "unknown", inline: "e", info: "v version h help"},
	"scala":      {lang: "unknown", inline: "e", info: "version help"},
	"clojure":    {lang: "unknown", inline: "e eval", info: "version help", own: true},
	"swift":      {lang: "unknown", inline: "e", info: "version help", own: true},
	"raku":       {lang: "unknown", inline: "e", info: "v version h help"},
	"ghc":        {lang: "unknown", inline: "e", info: "version help", own: true},
	"matlab":     {lang: "unknown", inline: "batch r", info: "help version", own: true},
	"octave":     {lang: "unknown", inline: "eval", info: "help version", own: true},
	"nu":         {lang: "unknown", inline: "c commands", info: "v version h help"},
	"pwsh":       {lang: "unknown", inline: "c Command command EncodedCommand enc e", info: "v Version version h help"},
	"powershell": {lang: "unknown", inline: "c Command command EncodedCommand enc e", info: "Version version help"},
	"cmd":        {lang: "unknown", inline: "c C k K"},
	"expect":     {lang: "unknown", inline: "c", info: "v"},
	"tclsh":      {lang: "unknown"},
	"jshell":     {lang: "unknown", info: "version help"},
	"emacs":      {lang: "unknown", inline: "eval execute", info: "version help", own: true},
}

// interpreted states the code handed to an interpreter that is not a shell.
func (w *walk) interpreted(sh *shell, s *Stage, a *reading, c command, in interpreter) {
	if a.anyFlag(in.info) {
		return
	}
	if a.anyFlag(in.module) {
		w.module(sh, s, a, c)
		return
	}
	defer w.preloads(sh, s, a, in.lang)
	if texts := a.values(in.inline); len(texts) > 0 {
		for _, text := range texts {
			if a.anyFlag("EncodedCommand encodedcommand enc ec") && in.lang == "unknown" {
				text.open = "encoded"
			}
			w.given(sh, s, in.lang, text, a.operands)
		}
		return
	}
	if in.own {
		return
	}
	if len(a.operands) > 0 && w.evaluated(sh, s, a.operands[1:], baseName(a.operands[0].text), c.redir.stdin) {
		return
	}
	if len(a.operands) > 0 && a.operands[0].text != "-" {
		w.scriptFile(sh, s, a.operands[0], in.lang)
		w.foreign(sh, s, a.operands[1:])
		return
	}
	s.Payload = &Payload{Kind: "stdin", Lang: in.lang}
	switch std := c.redir.stdin; std.kind {
	case "terminal", "null":
		s.Payload = nil
	case "text":
		s.Payload.Text = std.text
		if std.plain {
			s.Payload.Kind = "heredoc"
		}
		s.Payload.Read = true
		w.foreign(sh, s, a.operands[min(1, len(a.operands)):])
	case "file":
		s.Payload.Kind = "script"
		w.scriptFile(sh, s, field{text: std.path}, in.lang)
		w.foreign(sh, s, nil)
	default:
		if std.plain {
			s.Payload.Kind = "heredoc"
		}
		w.doubt(s.ID, "stdin", "runs what another program writes")
	}
}

// given states code that stands in a word.
func (w *walk) given(sh *shell, s *Stage, lang string, text field, args []field) {
	unread := s.Payload != nil && !s.Payload.Read
	s.Payload = &Payload{Kind: "inline", Lang: lang, Text: text.text, Read: text.open == ""}
	if text.open != "" {
		s.Payload.Text = ""
		w.doubt(s.ID, "payload", text.open)
	}
	w.foreign(sh, s, args)
	s.Payload.Read = s.Payload.Read && !unread
}

// foreign walks what a payload in another language than the shell's does: the
// commands that would do the same become stages with s as their parent.
func (w *walk) foreign(sh *shell, s *Stage, args []field) {
	p := s.Payload
	if p == nil || !p.Read || p.Text == "" {
		if p != nil {
			p.Read = false
		}
		return
	}
	w.spend(64 * len(p.Text))
	home, _ := sh.lookup("HOME")
	r := code.Read(p.Lang, p.Text, code.Scene{Home: home.text, Args: known(args)})
	if p.library {
		r.Doubts = nil
	}
	for _, d := range r.Doubts {
		w.doubt(s.ID, "payload", "code that uses "+d)
	}
	n := len(w.stages)
	in := w.inside(sh, s.ID, s.Name)
	for _, act := range r.Acts {
		w.does(in, s, act)
	}
	p.Read = len(r.Doubts) == 0 && w.clear(s.ID, n)
}

// known returns the texts of words up to the first that is not literal.
func known(args []field) []string {
	if i := slices.IndexFunc(args, func(f field) bool { return f.open != "" }); i >= 0 {
		args = args[:i]
	}
	return texts(args)
}

// does walks one thing that code does.
func (w *walk) does(sh *shell, s *Stage, act code.Act) {
	words := make([]field, len(act.Words))
	for i, a := range act.Words {
		words[i] = field{text: a.Text, open: a.Open}
		if a.Glob {
			words[i].glob = 1 + max(0, strings.IndexAny(a.Text, "*?["))
		}
	}
	if len(words) == 0 {
		return
	}
	switch act.Kind {
	case "argv":
		w.exec(sh.fork(), command{words: words, bare: true})
	case "line":
		w.shellText(sh.fork(), command{}, words[0])
	case "sql":
		s.SQL = append(s.SQL, parseSQL(words[0].text)...)
		if words[0].open != "" {
			w.doubt(s.ID, "payload", "SQL that is put together")
		}
	case "load":
		if abs := join(sh.cwd, words[0].text); words[0].open == "" && w.place.zone(abs) == "temporary" && !w.madeHere(abs) {
			w.doubt(s.ID, "payload", "code that uses "+abs)
		}
	case "write", "append", "read":
		w.opens(sh, act.Kind, words[0])
	}
}

// opens adds the stage of a file that code opens.
func (w *walk) opens(sh *shell, how string, f field) {
	r := Redirect{FD: 1, Op: map[string]string{"write": ">", "append": ">>", "read": "<"}[how]}
	access := "write"
	if how == "read" {
		r.FD, access = 0, "read"
		if f.open != "" {
			return
		}
	}
	p := w.path(sh, f, access)
	r.Path = &p
	c := command{redir: redirection{list: []Redirect{r}}}
	if f.open != "" {
		c.redir.open = []string{f.open}
	}
	w.nameless(sh, c)
}

// awk states an awk program.
func (w *walk) awk(sh *shell, s *Stage, a *reading) {
	if f, ok := a.value("f", "file"); ok {
		w.scriptFile(sh, s, f, "awk")
		w.foreign(sh, s, nil)
		return
	}
	if len(a.operands) == 0 {
		return
	}
	w.given(sh, s, "awk", a.operands[0], nil)
}

// sed states a sed script where it does more than edit text.
func (w *walk) sed(sh *shell, s *Stage, a *reading) {
	scripts := a.values("e expression")
	if f, ok := a.value("f", "file"); ok {
		w.scriptFile(sh, s, f, "sed")
		w.foreign(sh, s, nil)
	}
	if len(scripts) == 0 && len(a.operands) > 0 && !a.anyFlag("f file") {
		scripts = a.operands[:1]
	}
	for _, f := range scripts {
		if f.open != "" && !f.guess {
			continue
		}
		if r := code.Read("sed", f.text, code.Scene{}); len(r.Acts)+len(r.Doubts) > 0 {
			w.given(sh, s, "sed", field{text: f.text}, nil)
		}
	}
}

// values returns all values of some options, in order.
func (a *reading) values(names string) []field {
	var out []field
	for _, o := range a.options {
		if hasWord(names, o.name) {
			out = append(out, o.value)
		}
	}
	return out
}

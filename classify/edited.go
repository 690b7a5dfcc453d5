package classify

import (
	"regexp"
	"slices"
	"strings"
)

// Files that keep lines for later, which programs are told to edit: what stands in
// the edit is run when the file is used.
var (
	taskFile    = regexp.MustCompile(`(?i)\b(package|composer|deno|turbo)\.jsonc?\b|\btaskfile\.ya?ml\b|\bjustfile\b|\bprocfile\b|\.pre-commit-config\.ya?ml\b|\b(lefthook|lint-staged)\.(ya?ml|json)\b`)
	editors     = "jq gojq jaq yq dasel sed gsed node python perl ruby"
	textLiteral = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'`)
	lineLike    = regexp.MustCompile(`^[a-z./~][A-Za-z0-9_./~-]*(\s+\S|;|\|)`)
	sedCommand  = regexp.MustCompile(`^(?:[0-9,$]|/[^/]*/)*\s*(?:s([|#/,@!~%+])|[aic])`)
	assigning   = regexp.MustCompile(`[^=!<>]=[^=]|\bput\b`)
	editEscapes = strings.NewReplacer(`\/`, "/", `\"`, `"`, `\'`, "'", `\&`, "&", `\\`, `\`)
)

// edits walks the lines that a program is told to put into a file of tasks.
func (w *walk) edits(sh *shell, s *Stage) {
	if !hasWord(editors, family(s.Name)) || s.Remote {
		return
	}
	all, put := strings.Join(s.Args, "\n"), ""
	if s.Payload != nil {
		all += "\n" + s.Payload.Text
	}
	w.spend(len(all))
	if !taskFile.MatchString(all) {
		return
	}
	switch name := family(s.Name); {
	case hasWord("sed gsed", name):
		put = sedPuts(s.Args)
	case hasWord("jq gojq jaq yq dasel", name):
		put = strings.Join(slices.DeleteFunc(slices.Clone(s.Args), func(a string) bool { return !assigning.MatchString(a) }), "\n")
	case strings.Contains(all, "write") || strings.Contains(all, "dump"):
		put = all
	}
	if put == "" {
		return
	}
	kept, doubts := s.Payload, len(s.Opaque)
	for _, line := range linesPut(s.Args, put) {
		w.later(sh, s, field{text: line})
	}
	s.Payload, s.Opaque = kept, s.Opaque[:doubts]
}

// sedPuts returns what the commands of sed put in the place of something, or beside.
func sedPuts(args []string) string {
	put := ""
	for _, a := range args {
		m := sedCommand.FindStringSubmatchIndex(a)
		if m == nil || dashed(field{text: a}) {
			continue
		}
		if m[2] < 0 {
			put += a + "\n"
			continue
		}
		if parts := strings.Split(a[m[2]:], a[m[2]:m[3]]); len(parts) > 2 {
			put += strings.Join(parts[2:], a[m[2]:m[3]]) + "\n"
		}
	}
	return put
}

// linesPut returns the literals of an edit that may be command lines, and the values
// that jq is handed.
func linesPut(args []string, text string) []string {
	var out []string
	add := func(line string) {
		line = strings.TrimSpace(editEscapes.Replace(line))
		if lineLike.MatchString(line) && !strings.Contains(line, "\n") && len(out) < 20 {
			out = append(out, line)
		}
	}
	for i, a := range args {
		if a == "--arg" && i+2 < len(args) {
			add(args[i+2])
		}
	}
	for _, m := range textLiteral.FindAllStringSubmatch(text, 60) {
		add(m[1] + m[2])
	}
	return out
}

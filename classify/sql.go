package classify

import "strings"

// bareSQL reports whether a command is an SQL statement that was taken for a
// program's name and words.
func bareSQL(name string, args []string) bool {
	if len(args) == 0 {
		return false
	}
	next := strings.ToLower(args[0])
	switch strings.ToLower(name) {
	case "drop", "alter", "create":
		return hasWord("table database schema index view role user column sequence function trigger tablespace type unique materialized temporary if", next)
	case "truncate":
		return next == "table"
	case "delete":
		return next == "from"
	case "insert":
		return next == "into"
	case "update":
		return len(args) > 2 && strings.EqualFold(args[1], "set")
	case "grant", "revoke":
		return len(args) > 2
	}
	return false
}

// parseSQL finds the verb, object and name of each statement. What a client
// does by itself (\! in psql, .shell in sqlite3) is a statement whose verb has
// its mark.
func parseSQL(text string) []SQL {
	out := []SQL{}
	var stmt []string
	flush := func() {
		if len(stmt) > 0 {
			out = append(append(out, statement(stmt)), calls(stmt)...)
		}
		stmt = nil
	}
	for {
		if len(stmt) == 0 {
			if q, rest, ok := metaCommand(text); ok {
				out, text = append(out, q), rest
				continue
			}
		}
		tok, rest := sqlToken(text)
		if text = rest; tok == "" {
			break
		}
		if tok == ";" {
			flush()
			continue
		}
		stmt = append(stmt, tok)
		if len(out) >= maxStages {
			panic(refusal{ErrTooMuch})
		}
	}
	flush()
	return out
}

// metaCommand reads a line that is for the client: \! CMD, .shell CMD.
func metaCommand(text string) (q SQL, rest string, ok bool) {
	text = strings.TrimLeft(text, " \t\r\n")
	if len(text) < 2 || text[0] != '\\' && (text[0] != '.' || text[1] < 'a' || text[1] > 'z') {
		return SQL{}, "", false
	}
	line, rest, _ := strings.Cut(text, "\n")
	if strings.HasPrefix(line, `\!`) {
		return SQL{Verb: `\!`, Name: strings.TrimSpace(line[2:])}, rest, true
	}
	verb, name, _ := strings.Cut(line, " ")
	return SQL{Verb: strings.ToLower(verb), Name: strings.TrimSpace(name)}, rest, true
}

// calls states the functions and procedures that a statement calls.
func calls(toks []string) []SQL {
	var out []SQL
	for i, t := range toks {
		if i+1 < len(toks) && toks[i+1] == "(" && wordByte(t[0]) && strings.Contains(t, "_") {
			out = append(out, SQL{Verb: "call", Object: "function", Name: strings.ToLower(t)})
		}
	}
	return out
}

// sqlToken returns the next word, quoted name, string or mark of a text. A
// string is returned as one quote, so that its content is never a keyword.
func sqlToken(s string) (tok, rest string) {
	for s != "" {
		switch {
		case strings.HasPrefix(s, "--"), s[0] == '#':
			i := strings.IndexByte(s, '\n')
			if i < 0 {
				return "", ""
			}
			s = s[i+1:]
		case strings.HasPrefix(s, "/*"):
			i := strings.Index(s[2:], "*/")
			if i < 0 {
				return "", ""
			}
			s = s[i+4:]
		case s[0] <= ' ':
			s = s[1:]
		case s[0] == '\'':
			i := strings.IndexByte(s[1:], '\'')
			if i < 0 {
				return "'", ""
			}
			return "'", s[i+2:]
		case s[0] == '"' || s[0] == '`':
			i := strings.IndexByte(s[1:], s[0])
			if i < 0 {
				return s, ""
			}
			return s[:i+2], s[i+2:]
		case wordByte(s[0]):
			n := 1
			for n < len(s) && wordByte(s[n]) {
				n++
			}
			return s[:n], s[n:]
		default:
			return s[:1], s[1:]
		}
	}
	return "", ""
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

func statement(toks []string) SQL {
	q := SQL{Verb: strings.ToLower(toks[0])}
	if q.Verb == "with" || q.Verb == "explain" && executed(toks) {
		toks = mainVerb(toks)
		q.Verb = strings.ToLower(toks[0])
	}
	q.Where = selects(toks)
	rest := toks[1:]
	skip := func(words string) {
		for len(rest) > 0 && hasWord(words, strings.ToLower(rest[0])) {
			rest = rest[1:]
		}
	}
	switch q.Verb {
	case "drop", "alter", "create":
		skip("if not exists or replace temporary temp unique materialized global unlogged")
		if len(rest) > 0 {
			q.Object, rest = strings.ToLower(rest[0]), rest[1:]
		}
		skip("if not exists concurrently only")
		q.Name = sqlName(rest)
		if q.Verb == "create" && hasWord("user role", q.Object) && mighty(rest) {
			q.Verb = "grant"
		}
	case "truncate":
		q.Object = "table"
		skip("table only")
		q.Name = sqlName(rest)
	case "delete", "insert", "update", "replace":
		skip("from into only low_priority ignore")
		q.Name = sqlName(rest)
	case "exec", "execute", "call":
		q.Name = sqlName(rest)
	case "set", "reset", "purge", "flush", "kill":
		if len(rest) > 0 {
			q.Object = strings.ToLower(rest[0])
		}
	case "copy", "load":
		for _, t := range rest {
			if hasWord("program from to into", strings.ToLower(t)) {
				q.Object = strings.ToLower(t)
			}
		}
	}
	return q
}

// mighty reports whether a new role may do more than others.
func mighty(toks []string) bool {
	for _, t := range toks {
		if hasWord("superuser createrole createdb replication bypassrls all", strings.ToLower(t)) {
			return true
		}
	}
	return false
}

// executed reports whether an EXPLAIN runs the statement it explains.
func executed(toks []string) bool {
	for _, t := range toks[1:min(8, len(toks))] {
		if strings.EqualFold(t, "analyze") || strings.EqualFold(t, "analyse") {
			return true
		}
	}
	return false
}

// selects reports whether a statement has a WHERE clause that leaves something
// out: 1 = 1 and true do not.
func selects(toks []string) bool {
	for i, t := range toks {
		if strings.EqualFold(t, "where") {
			return !always(toks[i+1:])
		}
	}
	return false
}

func always(toks []string) bool {
	end := 0
	for end < len(toks) && !hasWord("returning limit order or ) ;", strings.ToLower(toks[end])) {
		end++
	}
	if end < len(toks) && strings.EqualFold(toks[end], "or") && always(toks[end+1:]) {
		return true
	}
	switch c := toks[:end]; len(c) {
	case 0:
		return true
	case 1:
		return strings.EqualFold(c[0], "true") || strings.Trim(c[0], "0123456789") == "" && c[0] != "0"
	case 2:
		return strings.EqualFold(c[0], "not") && strings.EqualFold(c[1], "false")
	case 3:
		return c[1] == "=" && strings.EqualFold(c[0], c[2])
	}
	return false
}

// mainVerb returns the part of a WITH or EXPLAIN ANALYZE statement that starts
// with what it does.
func mainVerb(toks []string) []string {
	for i, t := range toks {
		switch strings.ToLower(t) {
		case "delete", "update", "insert", "drop", "truncate", "alter":
			return toks[i:]
		}
	}
	return toks
}

// sqlName joins schema.table and drops quotes.
func sqlName(toks []string) string {
	name := ""
	for i, t := range toks {
		if i%2 == 1 && t != "." || i%2 == 0 && (t == ";" || t == "'") {
			break
		}
		name += strings.Trim(t, "\"`")
	}
	return name
}

package classify

import "strings"

// statements states the SQL that a stage hands to a database, or is itself.
func (w *walk) statements(s *Stage, a *reading, c command) {
	switch s.Name {
	case "psql", "mysql", "mariadb", "sqlite3", "sqlite", "duckdb":
		w.clientSQL(s, a, c)
	default:
		if bareSQL(s.Name, s.Args) {
			s.SQL = parseSQL(strings.Join(append([]string{s.Name}, s.Args...), " "))
		}
	}
}

func (w *walk) clientSQL(s *Stage, a *reading, c command) {
	given := false
	for _, o := range a.options {
		if o.name == "c" && s.Name == "psql" || o.name == "command" || o.name == "e" && s.Name != "psql" || o.name == "execute" || o.name == "cmd" {
			given = true
			w.sqlText(s, o.value)
		}
	}
	if hasWord("sqlite3 sqlite duckdb", s.Name) && len(a.operands) > 1 {
		given = true
		for _, f := range a.operands[1:] {
			w.sqlText(s, f)
		}
	}
	if given || a.anyFlag("f file l list version help V") {
		return
	}
	switch in := c.redir.stdin; in.kind {
	case "text":
		s.Payload = &Payload{Kind: "stdin", Lang: "sql", Text: in.text, Read: true}
		if in.plain {
			s.Payload.Kind = "heredoc"
		}
		s.SQL = append(s.SQL, parseSQL(in.text)...)
	case "file":
		s.Payload = &Payload{Kind: "script", Lang: "sql"}
	case "terminal", "null":
	default:
		s.Payload = &Payload{Kind: "stdin", Lang: "sql"}
		if len(in.from) > 0 || in.plain {
			w.doubt(s.ID, "stdin", "runs SQL that another program writes")
		}
	}
}

func (w *walk) sqlText(s *Stage, f field) {
	if f.open != "" {
		w.doubt(s.ID, "payload", f.open)
	}
	w.spend(len(f.text))
	s.SQL = append(s.SQL, parseSQL(f.text)...)
	s.Payload = &Payload{Kind: "inline", Lang: "sql", Text: f.text, Read: f.open == ""}
}

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

// parseSQL finds the verb, object and name of each statement.
func parseSQL(text string) []SQL {
	out := []SQL{}
	var stmt []string
	flush := func() {
		if len(stmt) > 0 {
			out = append(out, statement(stmt))
		}
		stmt = nil
	}
	for tok, rest := sqlToken(text); tok != ""; tok, rest = sqlToken(rest) {
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
	if q.Verb == "with" || q.Verb == "explain" {
		toks = mainVerb(toks)
		q.Verb = strings.ToLower(toks[0])
	}
	for _, t := range toks {
		q.Where = q.Where || strings.EqualFold(t, "where")
	}
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
	case "truncate":
		q.Object = "table"
		skip("table only")
		q.Name = sqlName(rest)
	case "delete", "insert", "update", "replace":
		skip("from into only low_priority ignore")
		q.Name = sqlName(rest)
	}
	return q
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

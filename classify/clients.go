package classify

import "strings"

// client says where a database client takes its statements from.
type client struct {
	code  string // options whose value is statements
	file  string // options whose value names a file of statements
	sub   string // the subcommand that runs statements, if it has any
	from  int    // operands from this one on are statements; 0: none; -1: all are, and nothing is read from elsewhere
	quiet string // options with which it runs none
	read  func(string) []SQL
}

var clients = map[string]client{
	"psql":              {code: "c command", file: "f file", quiet: "l list version help V"},
	"usql":              {code: "c command", file: "f file", quiet: "version help"},
	"mysql":             {code: "e execute", quiet: "version help V"},
	"mariadb":           {code: "e execute", quiet: "version help V"},
	"sqlite3":           {code: "cmd", from: 1, quiet: "version help"},
	"sqlite":            {code: "cmd", from: 1, quiet: "version help"},
	"duckdb":            {code: "cmd c s", from: 1, quiet: "version help"},
	"cqlsh":             {code: "e execute", file: "f file", quiet: "version help"},
	"clickhouse-client": {code: "q query", file: "queries-file", quiet: "version help V"},
	"cockroach":         {sub: "sql", code: "e execute", file: "f file", quiet: "help"},
	"sqlcmd":            {code: "Q q query", file: "i", quiet: "help"},
	"snowsql":           {code: "q query", file: "f filename", quiet: "help version"},
	"snow":              {sub: "sql", code: "q query", file: "f filename", quiet: "help"},
	"trino":             {code: "execute", file: "f file", quiet: "help version"},
	"beeline":           {code: "e", file: "f", quiet: "help version"},
	"hive":              {code: "e", file: "f", quiet: "help version"},
	"impala-shell":      {code: "q query", file: "f query_file", quiet: "help version"},
	"bq":                {sub: "query", from: -1},
	"wrangler":          {sub: "d1 execute", code: "command", file: "file", quiet: "help"},
	"turso":             {sub: "db shell", from: 1},
	"heroku":            {sub: "pg:psql", code: "c command", file: "f file"},
	"redis-cli":         {read: redisCommands, quiet: "scan stat bigkeys memkeys hotkeys latency latency-history monitor help version v"},
	"valkey-cli":        {read: redisCommands, quiet: "scan stat bigkeys memkeys hotkeys latency latency-history monitor help version v"},
	"keydb-cli":         {read: redisCommands, quiet: "scan stat bigkeys memkeys hotkeys latency latency-history monitor help version v"},
	"surreal":           {sub: "sql", quiet: "help"},
	"iredis":            {read: redisCommands, quiet: "help version"},
	"vsql":              {code: "c command", file: "f file", quiet: "version help"},
	"ysqlsh":            {code: "c command", file: "f file", quiet: "l list version help V"},
	"gsql":              {code: "c command", file: "f file", quiet: "l list version help V"},
	"mycli":             {code: "e execute", quiet: "version help V"},
	"dolt":              {sub: "sql", code: "q query", file: "f file", quiet: "help"},
	"clickhouse":        {sub: "client", code: "q query", file: "queries-file", quiet: "version help V"},
	"spark-sql":         {code: "e", file: "f", quiet: "version help"},
	"presto":            {code: "execute", file: "f file", quiet: "help version"},
	"influx":            {code: "execute", quiet: "help version", from: -1},
	"cypher-shell":      {file: "f file", from: -1, read: cypherStatements, quiet: "version help v h"},
	"mongosh":           {code: "eval", file: "file f", read: mongoCalls, quiet: "help version"},
	"mongo":             {code: "eval", read: mongoCalls, quiet: "help version"},
}

// statements states the SQL that a stage hands to a database, or is itself.
func (w *walk) statements(s *Stage, a *reading, c command) {
	if cl, ok := clients[s.Name]; ok && strings.HasPrefix(strings.Join(append(strings.Fields(s.Sub), s.Operands...), " "), cl.sub) {
		if cl.read == nil {
			cl.read = parseSQL
		}
		w.clientSQL(s, a, c, cl)
	} else if bareSQL(s.Name, s.Args) {
		s.SQL = parseSQL(strings.Join(append([]string{s.Name}, s.Args...), " "))
	}
}

func (w *walk) clientSQL(s *Stage, a *reading, c command, cl client) {
	given := false
	for _, o := range a.options {
		switch {
		case hasWord(cl.code, o.name):
			given = true
			w.sqlText(s, o.value, cl)
		case hasWord(cl.file, o.name) && (o.value.text == "-" || o.value.text == "/dev/stdin"):
		case hasWord(cl.file, o.name):
			given = true
			w.sqlFile(s, join(s.Cwd, o.value.text), o.value.usable() && !s.Remote, cl)
		}
	}
	for _, f := range cl.words(s, a) {
		given = true
		w.sqlText(s, f, cl)
	}
	if given || a.anyFlag(cl.quiet) || cl.from < 0 {
		return
	}
	switch in := c.redir.stdin; in.kind {
	case "text":
		s.Payload = &Payload{Kind: "stdin", Lang: "sql", Text: in.text, Read: true}
		if in.plain {
			s.Payload.Kind = "heredoc"
		}
		s.SQL = append(s.SQL, cl.read(in.text)...)
	case "file":
		w.sqlFile(s, in.path, in.path != "", cl)
	case "terminal", "null":
	default:
		s.Payload = &Payload{Kind: "stdin", Lang: "sql"}
		if len(in.from) > 0 || in.plain {
			w.doubt(s.ID, "stdin", "runs statements that another program writes")
		}
	}
}

// words returns the operands that are statements. Those of redis-cli are one.
func (cl *client) words(s *Stage, a *reading) []field {
	switch {
	case hasWord("redis-cli valkey-cli keydb-cli", s.Name) && len(a.operands) > 0 && !a.anyFlag(cl.quiet):
		return []field{joined(a.operands)}
	case s.Name == "bq" && len(a.operands) > 0 && s.Sub == "":
		return a.operands[1:]
	case s.Name == "influx":
		return nil
	case cl.from < 0:
		return a.operands
	case cl.from > 0 && len(a.operands) > cl.from:
		return a.operands[cl.from:]
	}
	return nil
}

func (w *walk) sqlText(s *Stage, f field, cl client) {
	if f.open != "" {
		w.doubt(s.ID, "payload", f.open)
	}
	w.spend(len(f.text))
	s.SQL = append(s.SQL, cl.read(f.text)...)
	s.Payload = &Payload{Kind: "inline", Lang: "sql", Text: f.text, Read: f.open == ""}
}

// sqlFile reads a file of statements that the line wrote or the scene has.
func (w *walk) sqlFile(s *Stage, abs string, local bool, cl client) {
	s.Payload = &Payload{Kind: "script", Lang: "sql"}
	if abs == "" || !local {
		return
	}
	if b, ok := w.files[abs]; ok {
		s.Payload.Text, s.Payload.Read = b.text, b.known
		s.Takes = ids(append(s.Takes, b.from...))
	} else if o := w.scene[Query{Op: "text", Path: abs}]; o == nil {
		w.want("text", abs)
	} else if o.Error == "" && o.Exists != "no" {
		s.Payload.Text, s.Payload.Read = o.Text, true
	}
	w.spend(len(s.Payload.Text))
	s.SQL = append(s.SQL, cl.read(s.Payload.Text)...)
}

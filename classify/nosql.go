package classify

import (
	"strings"
)

// redisCommands reads commands of Redis, one in a line: the verb, and the key
// or subcommand it is about.
func redisCommands(text string) []SQL {
	out := []SQL{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		q := SQL{Verb: strings.ToLower(strings.Trim(words[0], `"'`))}
		if len(words) > 1 {
			q.Name = words[1]
		}
		out = append(out, q)
		if hasWord("eval script eval_ro fcall", q.Verb) {
			out = append(out, luaCalls(line)...)
		}
		if len(out) >= maxStages {
			panic(refusal{ErrTooMuch})
		}
	}
	return out
}

// luaCalls finds the commands that a script names: redis.call('FLUSHALL').
func luaCalls(text string) []SQL {
	var out []SQL
	for _, part := range strings.Split(text, "call(")[1:] {
		name := strings.TrimLeft(part, `"' `)
		if i := strings.IndexAny(name, `"',)`); i > 0 {
			q := SQL{Verb: strings.ToLower(name[:i])}
			if strings.Contains(text, "for ") { // over keys that are not known
				q.Name = "*"
			}
			out = append(out, q)
		}
	}
	return out
}

// mongoMethods are the methods of a collection or database that change it, and
// the verbs they come to.
var mongoMethods = map[string]string{
	"dropDatabase": "drop", "drop": "drop", "dropIndexes": "drop", "dropIndex": "drop", "dropUser": "drop", "dropRole": "drop", "dropAllUsers": "drop",
	"remove": "delete", "deleteMany": "delete", "deleteOne": "delete", "findOneAndDelete": "delete", "bulkWrite": "update",
	"updateMany": "update", "updateOne": "update", "update": "update", "replaceOne": "update", "findOneAndUpdate": "update",
	"insertOne": "insert", "insertMany": "insert", "insert": "insert", "save": "insert",
	"createUser": "grant", "grantRolesToUser": "grant", "updateUser": "grant", "shutdownServer": "shutdown", "renameCollection": "alter",
}

// mongoCalls finds the calls that change something. A filter that is empty
// matches every document.
func mongoCalls(text string) []SQL {
	out := []SQL{}
	for i := 0; i < len(text); {
		n := strings.IndexByte(text[i:], '(')
		if n < 0 {
			break
		}
		n += i
		start := n
		for start > 0 && wordByte(text[start-1]) {
			start--
		}
		i = n + 1
		verb, ok := mongoMethods[text[start:n]]
		if name := text[start:n]; name == "adminCommand" || name == "runCommand" {
			verb, ok = mongoCommand(text[i:])
		}
		if !ok || start == 0 || text[start-1] != '.' {
			continue
		}
		q := SQL{Verb: verb, Name: collection(text[:start-1])}
		if text[start:n] == "dropDatabase" {
			q.Object = "database"
		}
		filter := strings.Map(unspaced, text[i:min(len(text), i+16)])
		q.Where = !strings.HasPrefix(filter, "{}") && !strings.HasPrefix(filter, ")")
		out = append(out, q)
		if len(out) >= maxStages {
			panic(refusal{ErrTooMuch})
		}
	}
	return out
}

// cypherStatements finds what statements of Cypher change. MATCH says where;
// without a WHERE or properties it says everything of a kind.
func cypherStatements(text string) []SQL {
	out := []SQL{}
	where := false
	for {
		tok, rest := sqlToken(text)
		if text = rest; tok == "" {
			return out
		}
		switch word := strings.ToLower(tok); word {
		case ";":
			where = false
		case "where", "{":
			where = true
		case "drop":
			object, after := sqlToken(text)
			name, _ := sqlToken(after)
			out = append(out, SQL{Verb: word, Object: strings.ToLower(object), Name: name})
		case "delete", "detach", "remove", "set", "create", "merge", "load":
			out = append(out, SQL{Verb: word, Where: where})
		}
		if len(out) >= maxStages {
			panic(refusal{ErrTooMuch})
		}
	}
}

// mongoCommand returns the verb of a command document, {shutdown: 1}, that
// changes something.
func mongoCommand(text string) (verb string, ok bool) {
	name, _, _ := strings.Cut(strings.TrimLeft(text, "{ \t\n\"'"), ":")
	verb, ok = map[string]string{
		"shutdown": "shutdown", "dropDatabase": "drop", "drop": "drop", "dropIndexes": "drop", "delete": "delete",
		"update": "update", "insert": "insert", "createUser": "grant", "dropUser": "drop", "setParameter": "alter", "killOp": "kill",
	}[strings.Trim(name, "\"' ")]
	return verb, ok
}

func unspaced(r rune) rune {
	if r <= ' ' {
		return -1
	}
	return r
}

// collection returns the last name of db.users or db.getCollection("users").
func collection(text string) string {
	text = strings.TrimRight(text, `)"' `)
	start := len(text)
	for start > 0 && (wordByte(text[start-1]) || text[start-1] == '-') {
		start--
	}
	return text[start:]
}

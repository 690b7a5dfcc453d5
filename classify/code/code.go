// Package code reads short programs in other languages than the shell's: what
// is given to python -c, node -e, awk and their like.
//
// It answers which commands would do the same: shutil.rmtree("x") is rm -r x,
// execSync("git push -f") is that line, open("f", "w") writes f. Package
// classify judges those in place of the code.
//
// # What it does not find
//
// It is a scan of names and literals, not an interpreter. Read says Doubts
// where code can do what the scan cannot follow: eval, names put together at
// run time, a module that exists to get around the language. Code that calls
// the project's own functions does what those do, as running the project does.
package code

import "strings"

// Word is one word of an Act.
type Word struct {
	Text string
	Open string // why Text is not what it will be; "" if it is
	Glob bool   // Text is a pattern for files found at run time
}

// Act is something that code does, as a command.
type Act struct {
	Kind  string // argv (Words are run), line (Words[0] is run by a shell), write, append, read (Words[0] is a file), load (Words[0] is a folder that code comes from), sql (Words[0] is sent to a database)
	Words []Word
}

// Scene is what code may ask for.
type Scene struct {
	Home string
	Args []string // the words after the program, as the code sees them
}

// Result is what a scan found.
type Result struct {
	Acts   []Act
	Doubts []string // what could not be followed, in a few words each
}

// Bounds: what is longer or nested deeper is in doubt as a whole.
const (
	maxText  = 1 << 16
	maxDepth = 120
	maxWork  = 1 << 19 // 8 for each operand
	maxActs  = 200
)

// Read scans text, a program in lang: python, node, perl, ruby, php, awk, sed; rust,
// go, gradle, cmake, xml (the build files written in it) and build (others that are
// written much like these), of which only calls are known; or any other name for a
// language that is only searched for telling words.
func Read(lang, text string, in Scene) Result {
	if len(text) > maxText {
		return Result{Doubts: []string{"code that is too long"}}
	}
	switch lang {
	case "awk":
		return readAwk(text)
	case "sed":
		return readSed(text)
	case "rust", "go", "c", "gradle", "build":
		return readBuilt(lang, text, in)
	case "cmake":
		return readCMake(text, in)
	case "xml":
		return readXML(text, in)
	}
	l := languages[lang]
	if l == nil {
		return telling(text)
	}
	toks, ok := lex(l, text, 0)
	s := &scan{lang: l, scene: in, names: map[string][]value{}, doubted: map[string]bool{}}
	if !ok {
		s.doubt("code that is not well formed")
	}
	s.program(toks)
	s.uncalled()
	return Result{s.acts, s.doubts}
}

// telling searches code in a language that has no scan for words that start
// programs, delete, or reach other hosts.
func telling(text string) Result {
	var r Result
	low := strings.ToLower(text)
	for _, w := range tellingWords {
		if strings.Contains(low, w) {
			r.Doubts = append(r.Doubts, w)
		}
	}
	return r
}

var tellingWords = []string{
	"system(", "system ", "exec", "spawn", "popen", "process", "shell", "unlink", "remove", "delete", "rmdir", "rm(", "rm!", "rm_", "rm ", "erase",
	"writefile", "write_", "file.write", "writetext", "write(", "writestring", "open(", "create(", "rename", "truncate", "chmod", "chown", "http", "socket", "connect", "dial",
	"eval", "load", ":os", "iex", "invoke-", "start-", "stop-", "remove-", "clear-", "set-", "new-item", "format-", "move-", "`", "download", "curl", "wget",
	"kill", "empty trash", "native", "unsafe", "ffi", "do shell", "cmd", "del ", "rd ", "mailto", "#!",
}

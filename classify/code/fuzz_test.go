package code

import (
	"strings"
	"testing"
)

func FuzzRead(f *testing.F) {
	for _, s := range []string{"import os; os.system('x')", "f\"{a}{{\" 'b'", "`a${b}`/c/d", "s{a}{b}e; q(x)", "%x(a) #{b}", "{print > \"a\" b}", "s/[/]/x/w f", "'''", "[[[((({{{", "x = y = lambda a: b", "for a, b in c: d", "Command::new(\"a\").args([\"b\", c])", "delete 'a', b\n", "file(REMOVE a ${b})", "<exec executable=\"a\"><arg line=\"b\"/></exec>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lang := range []string{"python", "node", "perl", "ruby", "php", "awk", "sed", "rust", "go", "gradle", "build", "cmake", "xml", "unknown"} {
			Read(lang, text, Scene{Home: "/home/dev", Args: []string{"a"}})
		}
	})
}

// What costs far more than its length where nothing bounds it.
func TestHostileCodeIsBounded(t *testing.T) {
	for _, piece := range []string{"(", "[x for x in ", "f(", "{", "a=a+a;", "a='aa'+a;", "`${", "f'{", "\"#{", "eval(", "a.b", "\"$a\"", "/", "s/", "'", "x,", "[", "lambda:", "for x in y:", "unlink ", "import a.", "${", "%x(", "def f(x):\n  g(x);g(x)\ndef g(x):\n  f(x);f(x)\n", "function f(a){f(a)}f(1);",
		"Command.new(", "a=a+b;", "os.Remove(a,", "<delete dir=", "<executable>", "execute_process(COMMAND a ", "r#\"", "delete a\n"} {
		text := strings.Repeat(piece, maxText/4/len(piece))
		for _, lang := range []string{"python", "node", "perl", "ruby", "php", "awk", "sed", "rust", "gradle", "cmake", "xml"} {
			Read(lang, text, Scene{})
		}
	}
}

package code

import (
	"regexp"
	"slices"
	"strings"
)

// Build files with a syntax of their own: what they start, delete and fetch.

var (
	cmakeCall = regexp.MustCompile(`(?i)\b(execute_process|exec_program|add_custom_command|add_custom_target|add_test|install|file|include)\s*\(`)
	cmakeWord = regexp.MustCompile(`(?s)"((?:[^"\\]|\\.)*)"|\[\[(.*?)\]\]|[^\s"]+`)
	cmakeKey  = regexp.MustCompile(`^[A-Z][A-Z_]+$`)
	cmakeOwn  = strings.NewReplacer("${CMAKE_COMMAND}", "cmake", "${CMAKE_BINARY_DIR}", "build", "${CMAKE_CURRENT_BINARY_DIR}", "build", "${PROJECT_BINARY_DIR}", "build",
		"${CMAKE_SOURCE_DIR}", ".", "${CMAKE_CURRENT_SOURCE_DIR}", ".", "${PROJECT_SOURCE_DIR}", ".", "${CMAKE_CURRENT_LIST_DIR}", ".")
	cmakeNote = regexp.MustCompile(`(?m)#[^\n]*$`)
)

// readCMake finds the commands that CMake runs, when it is run or when what it made
// is built.
func readCMake(text string, in Scene) Result {
	var r Result
	text = cmakeNote.ReplaceAllString(text, "")
	for _, m := range cmakeCall.FindAllStringSubmatchIndex(text, maxActs) {
		body, _, _ := delimited(text[m[1]-1 : min(len(text), m[1]+4096)])
		words := cmakeWords(body, in.Home)
		switch call := strings.ToLower(text[m[2]:m[3]]); {
		case call == "file" && len(words) > 1 && hasWord("REMOVE REMOVE_RECURSE", words[0].Text):
			prog := literalWords([]string{"rm", "-r"})
			if words[0].Text == "REMOVE" {
				prog = prog[:1]
			}
			r.Acts = append(r.Acts, Act{Kind: "argv", Words: append(prog, words[1:]...)})
		case call == "include" && len(words) > 0 && strings.HasPrefix(words[0].Text, "/"):
			r.Doubts = append(r.Doubts, words[0].Text)
		case call != "file" && call != "include":
			r.Acts = append(r.Acts, cmakeCommands(words)...)
		}
	}
	return r
}

// cmakeCommands returns the commands behind COMMAND. What CMake looked up for
// itself, ${Python3_EXECUTABLE}, starts what the project says.
func cmakeCommands(words []Word) []Act {
	var out []Act
	for i, word := range words {
		if word.Text != "COMMAND" && word.Text != "CODE" || i+1 == len(words) {
			continue
		}
		end := i + 1
		for end < len(words) && !cmakeKey.MatchString(words[end].Text) {
			end++
		}
		if cmd := words[i+1 : end]; len(cmd) > 0 && cmd[0].Open == "" {
			out = append(out, Act{Kind: "argv", Words: slices.Clone(cmd)})
		}
	}
	return out
}

func cmakeWords(text, home string) []Word {
	var out []Word
	for _, m := range cmakeWord.FindAllStringSubmatch(text, 200) {
		word := m[1] + m[2]
		if word == "" {
			word = m[0]
		}
		word = strings.ReplaceAll(cmakeOwn.Replace(word), "$ENV{HOME}", home)
		w := Word{Text: word}
		if strings.Contains(word, "${") || strings.Contains(word, "$<") {
			w.Open = "a value is not known before the code runs"
		}
		out = append(out, w)
	}
	return out
}

var (
	xmlExec    = regexp.MustCompile(`(?is)<executable>\s*(.*?)\s*</executable>(.*?)</configuration>|<exec\b[^>]*?(?:executable|Command)="([^"]*)"([^>]*/>|.*?</exec>)`)
	xmlArg     = regexp.MustCompile(`(?is)<argument>\s*(.*?)\s*</argument>|<commandlineArgs>\s*(.*?)\s*</commandlineArgs>|<arg\b[^>]*?(?:value|line|file)="([^"]*)"`)
	xmlDelete  = regexp.MustCompile(`(?is)<delete\b[^>]*?(?:dir|file)="([^"]*)"|<RemoveDir\b[^>]*?Directories="([^"]*)"`)
	xmlNote    = regexp.MustCompile(`(?s)<!--.*?-->`)
	xmlEscapes = strings.NewReplacer("&quot;", `"`, "&apos;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&",
		"${project.build.directory}", "target", "${project.basedir}", ".", "${basedir}", ".", "$(OutDir)", "bin", "$(IntermediateOutputPath)", "obj", "$(MSBuildProjectDirectory)", ".")
)

// readXML finds the commands in the files of Maven, Ant and MSBuild.
func readXML(text string, in Scene) Result {
	var r Result
	text = xmlNote.ReplaceAllString(text, "")
	for _, m := range xmlExec.FindAllStringSubmatch(text, maxActs) {
		if line := m[3]; line != "" && strings.ContainsAny(line, " &|;") { // MSBuild
			r.Acts = append(r.Acts, Act{Kind: "line", Words: []Word{xmlWord(line, in.Home)}})
			continue
		}
		words := []Word{xmlWord(m[1]+m[3], in.Home)}
		for _, arg := range xmlArg.FindAllStringSubmatch(m[2]+m[4], 100) {
			for _, one := range strings.Fields(arg[2]) {
				words = append(words, xmlWord(one, in.Home))
			}
			if arg[2] == "" {
				words = append(words, xmlWord(arg[1]+arg[3], in.Home))
			}
		}
		r.Acts = append(r.Acts, Act{Kind: "argv", Words: words})
	}
	for _, m := range xmlDelete.FindAllStringSubmatch(text, maxActs) {
		r.Acts = append(r.Acts, Act{Kind: "argv", Words: append(literalWords([]string{"rm", "-r"}), xmlWord(m[1]+m[2], in.Home))})
	}
	return r
}

func xmlWord(text, home string) Word {
	text = strings.NewReplacer("${user.home}", home, "${env.HOME}", home, "$(HOME)", home).Replace(xmlEscapes.Replace(text))
	if strings.Contains(text, "${") || strings.Contains(text, "$(") {
		return Word{Text: text, Open: "a value is not known before the code runs"}
	}
	return Word{Text: text}
}

var goGenerate = regexp.MustCompile(`(?m)^//go:generate[ \t]+(.+)$`)

// Generates returns the commands that go generate runs for a file.
func Generates(text string) []string {
	var out []string
	for _, m := range goGenerate.FindAllStringSubmatch(text, maxActs) {
		out = append(out, m[1])
	}
	return out
}

package classify

import "strings"

// givenFiles are the options by which tools are told of a file with code for them to
// run, and the language of it.
var givenFiles = map[string]struct{ options, lang string }{
	"gradle": {"-I --init-script -b --build-file -c --settings-file", "gradle"}, "gradlew": {"-I --init-script -b --build-file -c --settings-file", "gradle"},
	"mvn": {"-f --file -s --settings -gs --global-settings", "xml"}, "mvnw": {"-f --file -s --settings -gs --global-settings", "xml"}, "ant": {"-f -file -buildfile", "xml"},
	"cmake": {"-P -C --toolchain -DCMAKE_TOOLCHAIN_FILE -DCMAKE_PROJECT_INCLUDE -DCMAKE_PROJECT_TOP_LEVEL_INCLUDES", "cmake"}, "ctest": {"-S -SP", "cmake"},
	"cargo": {"--config", "unknown"},
	"jest":  {"-c --config --globalSetup", "node"}, "vitest": {"-c --config", "node"}, "webpack": {"-c --config", "node"}, "rollup": {"-c --config", "node"},
	"vite": {"-c --config", "node"}, "eslint": {"-c --config --rulesdir", "node"}, "mocha": {"--config -r --require", "node"}, "playwright": {"-c --config", "node"},
	"babel": {"--config-file", "node"}, "gulp": {"-f --gulpfile", "node"}, "tsup": {"--config", "node"}, "esbuild": {"--inject", "node"},
	"rake": {"-f --rakefile -r --require", "ruby"}, "rspec": {"-r --require", "ruby"}, "bundle": {"--gemfile", "ruby"}, "fastlane": {"--fastfile", "ruby"},
	"nox": {"-f --noxfile", "python"}, "invoke": {"-c --collection", "python"}, "scons": {"-f --file --sconstruct", "python"}, "gunicorn": {"-c --config", "python"},
	"fab": {"-c --collection", "python"}, "locust": {"-f --locustfile", "python"}, "phpunit": {"-c --configuration --bootstrap", "php"},
	"meson": {"--cross-file --native-file", "build"}, "bazel": {"--bazelrc", "build"}, "dotnet": {"-p:CustomBeforeMicrosoftCommonTargets", "xml"},
}

// givenCode walks the files with code that a tool is told of, where the line wrote
// them or they are not the project's.
func (w *walk) givenCode(sh *shell, s *Stage, c command) {
	g, ok := givenFiles[family(s.Name)]
	if !ok || sh.remote {
		return
	}
	for _, f := range valuesBehind(c.words, g.options) {
		abs := join(sh.cwd, strings.TrimPrefix(f.text, "FILEPATH:"))
		if !f.usable() || abs == "" || dashed(f) {
			continue
		}
		if b, written := w.file(sh, abs); written {
			w.takesFile(sh, s, g.lang, b)
			continue
		}
		if w.place.zone(abs) == "workspace" {
			continue
		}
		w.scriptFile(sh, s, field{text: abs}, g.lang)
		if p := s.Payload; p != nil && p.Read {
			w.foreign(sh, s, nil)
		} else if p != nil {
			w.doubt(s.ID, "payload", "code that uses "+f.text)
		}
	}
}

package classify

// taken says which files a tool takes code from by their names, without being
// told: patterns by language. What stands under tests is code in which much that
// cannot be followed is ordinary; only what it says it does counts.
type taken struct {
	python, node, ruby, php, rust, golang, gradle, build, cmake, xml string
	tests                                                            string
}

// files are the patterns by language.
func (t taken) files() []struct{ lang, names string } {
	return []struct{ lang, names string }{
		{"python", t.python}, {"node", t.node}, {"ruby", t.ruby}, {"php", t.php}, {"rust", t.rust}, {"go", t.golang},
		{"gradle", t.gradle}, {"build", t.build}, {"cmake", t.cmake}, {"xml", t.xml},
	}
}

var takes = map[string]taken{
	"pytest": {python: "conftest.py", tests: "test_*.py *_test.py"}, "py.test": {python: "conftest.py", tests: "test_*.py *_test.py"},
	"tox": {python: "conftest.py setup.py", tests: "test_*.py *_test.py"}, "nox": {python: "noxfile.py conftest.py", tests: "test_*.py *_test.py"},
	"pip": {python: "setup.py"}, "uv": {python: "setup.py"}, "poetry": {python: "build.py setup.py"}, "build": {python: "setup.py"},
	"invoke": {python: "tasks.py"}, "inv": {python: "tasks.py"}, "fab": {python: "fabfile.py"}, "scons": {python: "SConstruct SConscript"},
	"gunicorn": {python: "gunicorn.conf.py"}, "celery": {python: "celeryconfig.py"}, "sphinx-build": {python: "conf.py"}, "locust": {python: "locustfile.py"},
	"jest": {node: "jest.config.*", tests: "*.test.* *.spec.*"}, "vitest": {node: "vitest.config.* vite.config.*", tests: "*.test.* *.spec.*"},
	"mocha": {node: ".mocharc.*", tests: "*.test.* *.spec.*"}, "ava": {node: "ava.config.*", tests: "*.test.* *.spec.*"}, "playwright": {node: "playwright.config.*", tests: "*.spec.* *.test.*"},
	"cypress": {node: "cypress.config.*", tests: "*.cy.*"}, "webpack": {node: "webpack.config.*"}, "vite": {node: "vite.config.*"}, "rollup": {node: "rollup.config.*"},
	"next": {node: "next.config.*"}, "nuxt": {node: "nuxt.config.*"}, "astro": {node: "astro.config.*"}, "eslint": {node: "eslint.config.* .eslintrc.js .eslintrc.cjs"},
	"prettier": {node: "prettier.config.* .prettierrc.js .prettierrc.cjs"}, "tailwindcss": {node: "tailwind.config.*"}, "gulp": {node: "gulpfile.*"}, "grunt": {node: "Gruntfile.*"},
	"babel": {node: "babel.config.*"}, "karma": {node: "karma.conf.*"}, "hardhat": {node: "hardhat.config.*"},
	"rake": {ruby: "Rakefile rakefile Rakefile.rb *.rake"}, "rspec": {ruby: "spec_helper.rb .rspec", tests: "*_spec.rb"}, "bundle": {ruby: "Gemfile *.gemspec"}, "cap": {ruby: "Capfile deploy.rb"},
	"vagrant": {ruby: "Vagrantfile"}, "fastlane": {ruby: "Fastfile"}, "pod": {ruby: "Podfile"}, "brew": {ruby: "Brewfile"}, "rubocop": {ruby: ".rubocop.rb"},
	"gradle": gradleFiles, "gradlew": gradleFiles, "mvn": {xml: "pom.xml"}, "mvnw": {xml: "pom.xml"}, "ant": {xml: "build.xml"},
	"cmake": {cmake: "CMakeLists.txt *.cmake"}, "ctest": {cmake: "CTestTestfile.cmake"}, "waf": {python: "wscript"},
	"dotnet": {xml: "*.csproj *.fsproj *.targets *.props"}, "msbuild": {xml: "*.csproj *.fsproj *.targets *.props *.proj"},
	"bazel": bazelFiles, "bazelisk": bazelFiles, "buck2": {build: "BUCK *.bzl"}, "meson": {build: "meson.build"}, "sbt": {build: "build.sbt *.sbt"}, "mix": {build: "mix.exs"},
	"zig": {build: "build.zig"}, "swift": {build: "Package.swift"}, "cargo build": {rust: "build.rs"}, "cargo check": {rust: "build.rs"}, "cargo clippy": {rust: "build.rs"},
	"cargo doc": {rust: "build.rs"}, "cargo bench": {rust: "build.rs", tests: "*.rs"}, "cargo install": {rust: "build.rs"}, "cargo test": {rust: "build.rs", tests: "*.rs"},
	"cargo nextest": {rust: "build.rs", tests: "*.rs"}, "cargo run": {rust: "build.rs main.rs", tests: "*.rs"}, "cargo r": {rust: "build.rs main.rs", tests: "*.rs"}, "cargo b": {rust: "build.rs"}, "cargo t": {rust: "build.rs", tests: "*.rs"},
	"go test": {tests: "*.go"}, "gotestsum": {tests: "*.go"}, "go run": {golang: "main.go", tests: "*.go"},
	"phpunit": {php: "bootstrap.php", tests: "*Test.php"}, "php-cs-fixer": {php: ".php-cs-fixer.php .php-cs-fixer.dist.php"},
}

var (
	gradleFiles = taken{gradle: "*.gradle *.gradle.kts"}
	bazelFiles  = taken{build: "BUILD BUILD.bazel WORKSPACE WORKSPACE.bazel MODULE.bazel *.bzl"}
)

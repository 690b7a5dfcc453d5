package classify

// modules are programs that Python also starts by the name of their module,
// where that is another name or the program has rules of its own.
var modules = map[string]string{
	"esptool": "esptool", "espefuse": "espefuse", "platformio": "platformio", "awscli": "aws", "django": "django-admin", "alembic": "alembic", "dvc": "dvc",
	"celery": "celery", "flask": "flask", "huggingface_hub": "hf", "kaggle": "kaggle", "ansible": "ansible", "mkdocs": "mkdocs", "mike": "mike", "maturin": "maturin",
	"pyocd": "pyocd", "borg": "borg", "osfclient": "osf", "invoke": "invoke", "fabric": "fab", "conan": "conan", "prefect": "prefect", "airflow": "airflow",
}

// module walks the program that a module of Python is, with the words behind it.
func (w *walk) module(sh *shell, s *Stage, a *reading, c command) {
	f, ok := a.value("m")
	own := a.operands
	for i, arg := range c.words { // -m NAME, then its own words
		if arg.text == "-m" && i+2 <= len(c.words) {
			own = c.words[i+2:]
			break
		}
	}
	switch name, known := modules[f.text]; {
	case !ok:
	case known:
		w.moduleRuns(sh, s, c, append(literals([]string{name}), own...))
	case f.text == "timeit":
		w.timed(sh, s, own)
	case hasWord(observers, f.text):
		if words := observed(own); len(words) > 0 {
			sh = sh.fork() // Python runs it itself
			sh.filled = true
			w.moduleRuns(sh, s, c, append(c.words[:1:1], words...))
		}
	}
}

// observers are modules that run a program of Python to watch it.
const observers = "cProfile profile pdb trace tracemalloc memory_profiler line_profiler kernprof viztracer scalene"

// observed returns the words that Python gets from one of them: a script, or -m and
// a module.
func observed(words []field) []field {
	for i := 0; i < len(words); i++ {
		switch f := words[i]; {
		case f.text == "-m" || !dashed(f):
			return words[i:]
		case hasWord("-o -s -f -C -c --outfile --file --coverdir --ignore-module --ignore-dir", f.text):
			i++
		}
	}
	return nil
}

// timed states the code that timeit runs.
func (w *walk) timed(sh *shell, s *Stage, words []field) {
	t := wrapper{short: "nrsu", long: "number repeat setup unit"}
	h := t.split(words)
	for _, f := range append(h.values("s setup"), h.rest...) {
		w.given(sh, s, "python", f, nil)
	}
}

func (w *walk) moduleRuns(sh *shell, s *Stage, c command, words []field) {
	w.exec(w.inside(sh, s.ID, s.Name), command{words: words, env: c.env, redir: redirection{stdin: c.redir.stdin, stdout: c.redir.stdout}, bare: true})
}

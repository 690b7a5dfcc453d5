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
	name, known := modules[f.text]
	if !ok || !known {
		return
	}
	words := append([]field{{text: name}}, a.operands...)
	for i, arg := range c.words { // -m NAME, then its own words
		if arg.text == "-m" && i+2 <= len(c.words) {
			words = append([]field{{text: name}}, c.words[i+2:]...)
			break
		}
	}
	w.exec(w.inside(sh, s.ID, s.Name), command{words: words, env: c.env, redir: redirection{stdin: c.redir.stdin, stdout: c.redir.stdout}, bare: true})
}

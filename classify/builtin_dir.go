package classify

import (
	"strings"
)

// changeDir follows cd. It is taken to succeed unless the scene says that the
// folder is not there.
func (w *walk) changeDir(sh *shell, name string, args []field) {
	for len(args) > 0 && dashed(args[0]) && strings.Trim(args[0].text, "-LPe@n") == "" {
		args = args[1:]
	}
	if name == "popd" {
		if n := len(sh.dirs); n > 0 && len(args) == 0 {
			dir := sh.dirs[n-1]
			sh.dirs = sh.dirs[:n-1]
			sh.chdir(dir)
			return
		}
		sh.chdir("")
		return
	}
	from := sh.cwd
	if len(args) == 0 {
		home, _ := sh.lookup("HOME")
		sh.chdir(clean(home.text))
	} else {
		w.changeTo(sh, args[0])
	}
	if name == "pushd" {
		w.spend(16 * len(sh.dirs))
		sh.dirs = append(sh.dirs[:len(sh.dirs):len(sh.dirs)], from)
	}
}

func (w *walk) changeTo(sh *shell, f field) {
	if f.text == "-" {
		sh.chdir(sh.old)
		return
	}
	if !f.usable() || f.open != "" || f.glob > 0 || f.text == "" || strings.HasPrefix(f.text, "+") {
		sh.chdir("")
		return
	}
	if _, ok := sh.lookup("CDPATH"); ok && !strings.HasPrefix(f.text, "/") && !strings.HasPrefix(f.text, ".") {
		sh.chdir("")
		return
	}
	dir := join(sh.cwd, f.text)
	if o := w.scene[Query{Op: "path", Path: dir}]; o != nil && !sh.remote && !w.madeHere(dir) {
		if o.Exists == "no" {
			sh.chdir("")
			return
		}
		if real := clean(o.Real); real != "" {
			dir = real
		}
	}
	if f.made {
		w.made[dir] = true
	}
	sh.chdir(dir)
}

package classify

import (
	"slices"
	"strings"
)

// runner says how a program that starts another one in its own surroundings (a
// package manager's, an environment's, a file watcher's) reads its words. It is
// a stage of its own, what it starts another.
type runner struct {
	wrapper
	lines  bool   // the operands are lines for a shell, one each
	joined bool   // the operands are one line for a shell
	dashes bool   // the command stands behind --
	before string // options whose value is a line too
	far    bool   // it runs elsewhere
	skipTo string // the command stands behind one of these options
}

// runners by program, or by program and subcommand.
var runners = map[string]runner{
	"npx":                {wrapper: wrapper{short: "pc", long: "package call workspace", text: "c call"}},
	"bunx":               {},
	"pnpx":               {wrapper: wrapper{long: "package"}},
	"uvx":                {wrapper: wrapper{short: "pw", long: "from with python index index-url"}},
	"npm exec":           {wrapper: wrapper{short: "cw", long: "call package workspace", text: "c call"}},
	"npm x":              {wrapper: wrapper{short: "cw", long: "call package workspace", text: "c call"}},
	"pnpm exec":          {wrapper: wrapper{short: "c", long: "resume-from", text: ""}},
	"pnpm dlx":           {wrapper: wrapper{long: "package"}},
	"yarn exec":          {joined: true},
	"yarn dlx":           {wrapper: wrapper{short: "p", long: "package"}},
	"bun x":              {},
	"poetry run":         {},
	"pipenv run":         {},
	"pdm run":            {wrapper: wrapper{short: "p", long: "project"}},
	"rye run":            {},
	"hatch run":          {},
	"pixi run":           {wrapper: wrapper{short: "e", long: "environment manifest-path"}},
	"uv run":             {wrapper: wrapper{short: "pw", long: "python with with-editable with-requirements package project directory env-file extra group only-group index index-url"}},
	"pipx run":           {wrapper: wrapper{long: "spec python pip-args"}},
	"conda run":          {wrapper: wrapper{short: "np", long: "name prefix cwd"}},
	"mamba run":          {wrapper: wrapper{short: "np", long: "name prefix cwd"}},
	"micromamba run":     {wrapper: wrapper{short: "np", long: "name prefix cwd"}},
	"pyenv exec":         {},
	"rbenv exec":         {},
	"nodenv exec":        {},
	"asdf exec":          {},
	"rvm do":             {},
	"bundle exec":        {},
	"mise exec":          {dashes: true, wrapper: wrapper{short: "c", long: "command", text: "c command"}},
	"mise x":             {dashes: true, wrapper: wrapper{short: "c", long: "command", text: "c command"}},
	"rtx exec":           {dashes: true, wrapper: wrapper{short: "c", long: "command", text: "c command"}},
	"volta run":          {wrapper: wrapper{long: "node npm yarn"}},
	"fnm exec":           {wrapper: wrapper{long: "using"}},
	"nvm exec":           {wrapper: wrapper{skip: 1}},
	"direnv exec":        {wrapper: wrapper{skip: 1}},
	"dotenv":             {wrapper: wrapper{short: "efvcp", unset: "help version"}},
	"dotenvx run":        {dashes: true},
	"op run":             {dashes: true},
	"doppler run":        {dashes: true, wrapper: wrapper{long: "command", text: "command"}},
	"infisical run":      {dashes: true, wrapper: wrapper{long: "command", text: "command"}},
	"chamber exec":       {dashes: true},
	"aws-vault exec":     {dashes: true},
	"teller run":         {dashes: true},
	"sops exec-env":      {lines: true, wrapper: wrapper{skip: 1}},
	"foreman run":        {wrapper: wrapper{short: "ef", long: "env procfile"}},
	"honcho run":         {},
	"railway run":        {},
	"nix develop":        {skipTo: "c command"},
	"nix shell":          {skipTo: "c command"},
	"nix-shell":          {wrapper: wrapper{short: "pAI", long: "run command packages arg argstr attr", text: "run command"}},
	"devbox run":         {wrapper: wrapper{short: "ce", long: "config env"}},
	"flox activate":      {dashes: true},
	"guix shell":         {dashes: true},
	"hyperfine":          {lines: true, before: "p prepare c cleanup s setup C conclude", wrapper: wrapper{short: "wrmMpcsLnSiuCP", long: "warmup runs min-runs max-runs prepare cleanup conclude setup parameter-list parameter-scan parameter-step-size command-name shell style export-json export-csv export-markdown output input time-unit sort"}},
	"concurrently":       {lines: true, wrapper: wrapper{short: "ncplst", long: "names prefix-colors prefix prefix-length success max-processes restart-tries restart-after name-separator timestamp-format handle-input default-input-target"}},
	"entr":               {},
	"watchexec":          {joined: true, wrapper: wrapper{short: "wiefdso", long: "watch ignore exts filter debounce signal shell on-busy-update project-origin workdir emit-events-to only-emit-events"}},
	"nodemon":            {wrapper: wrapper{short: "xewi", long: "exec ext watch ignore delay signal config", text: "x exec"}},
	"chokidar":           {wrapper: wrapper{short: "cdi", long: "command debounce ignore", text: "c command"}},
	"onchange":           {dashes: true},
	"cargo watch":        {wrapper: wrapper{short: "sxwidCB", long: "shell exec watch ignore delay workdir features", text: "s shell"}},
	"reflex":             {dashes: true},
	"modd":               {},
	"xvfb-run":           {wrapper: wrapper{short: "enfspw", long: "error-file server-num auth-file server-args xauth-protocol wait"}},
	"valgrind":           {},
	"perf stat":          {wrapper: wrapper{short: "eorxC", long: "event output repeat"}},
	"perf record":        {wrapper: wrapper{short: "eoFcC", long: "event output freq count call-graph"}},
	"poop":               {lines: true, wrapper: wrapper{short: "d", long: "duration color"}},
	"perf trace":         {wrapper: wrapper{short: "eopuC", long: "event output pid uid"}},
	"rr record":          {wrapper: wrapper{short: "ov", long: "env output-trace-dir"}},
	"heaptrack":          {wrapper: wrapper{short: "op", long: "output pid", unset: "p pid a analyze"}},
	"gdb":                {skipTo: "args"},
	"cgdb":               {skipTo: "args"},
	"lldb":               {dashes: true},
	"box64":              {},
	"wine":               {},
	"daemonize":          {wrapper: wrapper{short: "aceopluEL", detach: true}},
	"dtach":              {wrapper: wrapper{short: "AcnNer", detach: true, unset: "a p"}},
	"abduco":             {wrapper: wrapper{short: "Acne", detach: true, unset: "a l"}},
	"xterm":              {skipTo: "e"},
	"gnome-terminal":     {dashes: true},
	"numactl":            {wrapper: wrapper{short: "CNmip", long: "cpunodebind membind physcpubind interleave preferred"}},
	"cpulimit":           {wrapper: wrapper{short: "lpe", long: "limit pid exe"}},
	"firejail":           {},
	"proot":              {wrapper: wrapper{short: "rbwq", long: "rootfs bind cwd"}},
	"faketime":           {wrapper: wrapper{short: "f", skip: 1}},
	"rlwrap":             {wrapper: wrapper{short: "afHszbcDegilmMnopPqStwW"}},
	"coverage run":       {},
	"torsocks":           {},
	"retry":              {wrapper: wrapper{short: "tdn", long: "times delay"}},
	"wait-for-it":        {dashes: true},
	"wait-for-it.sh":     {dashes: true},
	"wait-on":            {dashes: true},
	"dockerize":          {wrapper: wrapper{long: "wait timeout template", short: ""}},
	"tini":               {dashes: true},
	"dumb-init":          {},
	"gosu":               {wrapper: wrapper{skip: 1}},
	"su-exec":            {wrapper: wrapper{skip: 1}},
	"podman unshare":     {wrapper: wrapper{long: "rootless-netns"}},
	"buildah unshare":    {wrapper: wrapper{short: "m", long: "mount"}},
	"rootlesskit":        {wrapper: wrapper{long: "net copy-up state-dir port-driver publish cidr mtu propagation"}},
	"turbo exec":         {dashes: true},
	"lerna exec":         {dashes: true},
	"nx exec":            {dashes: true},
	"rush-pnpm exec":     {},
	"vagrant ssh":        {far: true, dashes: true, wrapper: wrapper{short: "c", long: "command", text: "c command"}},
	"multipass exec":     {far: true, dashes: true},
	"lxc exec":           {far: true, dashes: true},
	"incus exec":         {far: true, dashes: true},
	"adb shell":          {far: true, joined: true},
	"heroku run":         {far: true, joined: true, wrapper: wrapper{short: "ars", long: "app remote size"}},
	"fly ssh console":    {far: true, wrapper: wrapper{short: "aCsr", long: "app command", text: "C command"}},
	"flyctl ssh console": {far: true, wrapper: wrapper{short: "aCsr", long: "app command", text: "C command"}},
	"tmux new-session":   {joined: true, wrapper: wrapper{short: "cefFnstxy", detach: true}},
	"tmux new":           {joined: true, wrapper: wrapper{short: "cefFnstxy", detach: true}},
	"tmux new-window":    {joined: true, wrapper: wrapper{short: "ceFnt", detach: true}},
	"tmux split-window":  {joined: true, wrapper: wrapper{short: "ceFltp", detach: true}},
	"tmux run-shell":     {joined: true, wrapper: wrapper{short: "cdt", detach: true}},
	"tmux respawn-pane":  {joined: true, wrapper: wrapper{short: "cet", detach: true}},
	"screen":             {wrapper: wrapper{short: "cehpsSTtX", detach: true, unset: "ls list X r x v Q"}},
}

// globals are the options of such programs before the subcommand that take a value.
var globals = wrapper{short: "CFpwLSf", long: "prefix filter dir cwd directory project manifest-path color workspace config-file cache-dir userconfig registry loglevel"}

// runs walks what a runner starts; false if c is none.
func (w *walk) runs(sh *shell, c command, name string) bool {
	r, ok := runners[name]
	words := c.words[1:]
	if !ok {
		h := globals.split(words)
		for range 2 {
			if len(h.rest) == 0 || !h.rest[0].usable() {
				return false
			}
			name += " " + h.rest[0].text
			words = h.rest[1:]
			if r, ok = runners[name]; ok {
				break
			}
			h.rest = words
		}
		if !ok {
			return false
		}
	}
	h := r.split(words)
	if h.flags["help"] || h.flags["version"] {
		return false
	}
	for f := range h.flags {
		if hasWord(r.unset, f) {
			return false
		}
	}
	if r.dashes {
		h.rest = behind(words, func(f field) bool { return f.text == "--" })
	}
	if r.skipTo != "" {
		h.rest = behind(words, func(f field) bool { return dashed(f) && hasWord(r.skipTo, strings.TrimLeft(f.text, "-")) })
	}
	lines := h.values(r.text + " " + r.before)
	if len(h.rest) == 0 && len(lines) == 0 {
		return false
	}
	id := w.program(sh, c)
	in := w.inside(sh, id, strings.Fields(name)[0])
	in.detach = in.detach || r.detach
	if r.far {
		in.remote, in.root, in.cwd = true, false, ""
	}
	inner := command{env: c.env, redir: redirection{stdin: c.redir.stdin, stdout: c.redir.stdout}, bare: true}
	w.nested(in, func() {
		for _, text := range lines {
			w.shellText(in.fork(), inner, text)
		}
		if len(h.rest) > 0 && len(h.values(r.text)) == 0 {
			w.started(in, r, inner, h.rest)
		}
	})
	return true
}

// started walks what stands in the words of a runner.
func (w *walk) started(in *shell, r runner, inner command, words []field) {
	switch {
	case r.lines:
		for _, text := range words {
			if script, _, ok := strings.Cut(text.text, ":"); ok && hasWord("npm pnpm yarn bun deno node", script) {
				continue // concurrently's short form of npm run
			}
			w.shellText(in.fork(), inner, text)
		}
	case r.joined:
		w.shellText(in, inner, joined(words))
	default:
		inner.words = unversioned(words)
		w.exec(in, inner)
	}
}

// behind returns the words after the first that is a mark.
func behind(words []field, mark func(field) bool) []field {
	if i := slices.IndexFunc(words, mark); i >= 0 {
		return words[i+1:]
	}
	return nil
}

// unversioned removes the version from the name of a package: rimraf@5.
func unversioned(words []field) []field {
	name, version, ok := strings.Cut(strings.TrimPrefix(words[0].text, "@"), "@")
	if !ok || strings.Contains(version, "/") {
		return words
	}
	out := append([]field{}, words...)
	if strings.HasPrefix(words[0].text, "@") {
		name = "@" + name
	}
	out[0].text = name
	return out
}

// values returns the values of some options, in order.
func (h *head) values(names string) []field {
	var out []field
	for _, o := range h.options {
		if hasWord(names, o.name) {
			out = append(out, o.value)
		}
	}
	return out
}

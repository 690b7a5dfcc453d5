// Package rego judges: it turns facts and state into a Decision, by the
// built-in policy (the folder guard, embedded) and the files people drop into
// policy folders.
//
// An Engine is the compiled built-in policy. Build joins it with a Snapshot of
// folders into a Set, which is immutable and decides without clock, file or
// network, so that the same revision and Input always give the same Decision.
// A Store keeps one Set per workspace in force, reloads it when files change
// and never replaces it by one that does not compile or whose own tests fail.
// INPUT.md documents what rules see and may say.
//
// # In Rego, undefined is not false, and an error is not a denial
//
// OPA's default is to drop a rule whose builtin fails, which turns a broken
// deny into an allow. Here every builtin error, time-out, missing or malformed
// part of an answer is an error: of the built-in policy, it means that nothing
// is decided and nothing runs; of a user package, that package asks for a hold.
package rego

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

//go:embed guard
var builtin embed.FS

const (
	resultQuery   = "data.guard.decision.result"   // asked for every command
	otherQuery    = "data.guard.decision.other"    // asked for every other request
	standingQuery = "data.guard.decision.standing" // what the command does not change; asked once for each standing
	dueQuery      = "data.guard.decision.due"      // what time has brought about
	paceQuery     = "data.guard.velocity.pace"     // what the agent's actions so far come to
	fixedQuery    = "data.guard.decision.fixed"    // what no input changes; asked once per Set
	apiPackage    = "data.guard.api"
)

// Engine is the built-in policy, parsed and compiled once. It is safe for
// concurrent use.
type Engine struct {
	source   fs.FS
	digest   string
	packed   bool                   // its rules are from an image
	modules  map[string]*ast.Module // without tests; of the embedded policy, none any more
	rules    func() []Rule
	api      map[string]*ast.Module // the part of modules that user files may see
	data     map[string]any         // data.guard.config and other tables
	compiler *ast.Compiler
	awake    *awake
	known    *ast.Compiler // api alone: what data.guard.api offers
	caps     *ast.Capabilities
	schemas  *ast.SchemaSet
	limits   limits
	remedies map[string]string // what to do instead, by finding
	stuck    atomic.Int32      // compilations left behind
}

// limits are how long evaluations may take.
type limits struct{ builtin, user, grace, compile time.Duration }

// LoadBuiltin is the embedded policy, from its image. It keeps what was compiled
// alone: what was parsed would be a third of guardd's heap.
func LoadBuiltin() (*Engine, error) {
	e, err := loadWith(builtin, image)
	if err != nil {
		return nil, err
	}
	e.modules = nil
	return e, nil
}

// Digest identifies the built-in policy.
func (e *Engine) Digest() string { return e.digest }

func load(fsys fs.FS) (*Engine, error) { return loadWith(fsys, "") }

// loadWith takes what it can from an image of the policy.
func loadWith(fsys fs.FS, image string) (*Engine, error) {
	e := &Engine{
		source:  fsys,
		modules: map[string]*ast.Module{},
		api:     map[string]*ast.Module{},
		data:    map[string]any{},
		caps:    capabilities(),
		schemas: schemas(),
		limits:  limits{builtinTime, packageTime, graceTime, compileTime},
	}
	files, err := readBuiltin(fsys)
	if err != nil {
		return nil, fmt.Errorf("load built-in policy: %w", err)
	}
	e.digest = Snapshot{Files: files}.Revision("")
	var packed *unpacked
	if image != "" {
		if packed, err = unpack(image, e.digest); err != nil {
			return nil, err
		}
	}
	if packed != nil {
		err = e.unpack(packed, files)
	} else {
		err = e.build(files)
	}
	if err != nil {
		return nil, fmt.Errorf("load built-in policy: %w", err)
	}
	return e, nil
}

// build parses and compiles the sources.
func (e *Engine) build(files []File) error {
	if err := e.add(files); err != nil {
		return err
	}
	rules := readRules(e.modules)
	e.rules, e.remedies = func() []Rule { return rules }, remedies(rules)
	watched, asleep, err := newAwake(e.modules, e.data)
	if err != nil {
		return err
	}
	e.awake = watched
	var errAPI error
	var both sync.WaitGroup
	both.Go(func() { errAPI = e.compileAPI() })
	both.Go(func() {
		trusted := e.newCompiler().WithSchemas(nil).WithSkipStages(testedStages...)
		e.compiler, err = compileWith(trusted, asleep)
	})
	both.Wait()
	return errors.Join(errAPI, err)
}

// unpack takes the rules from an image, and parses only what user files are
// compiled with.
func (e *Engine) unpack(u *unpacked, files []File) (err error) {
	err = e.add(slices.DeleteFunc(slices.Clone(files), func(f File) bool {
		m := u.parsed[f.Path]
		return m != nil && !m.Package.Path.HasPrefix(apiRef)
	}))
	if err != nil {
		return err
	}
	e.packed, e.remedies = true, u.remedies
	e.rules = sync.OnceValue(func() []Rule {
		whole := &Engine{caps: e.caps, modules: map[string]*ast.Module{}, api: map[string]*ast.Module{}, data: map[string]any{}}
		sources, _ := readBuiltin(e.source)
		_ = whole.add(sources) // the image was made of them
		return readRules(whole.modules)
	})
	if e.awake, _, err = newAwake(u.parsed, e.data); err != nil {
		return err
	}
	if e.compiler, err = compiledBefore(e.newCompiler().WithSchemas(nil), u.compiled); err != nil {
		return err
	}
	return e.compileAPI()
}

func (e *Engine) compileAPI() (err error) {
	if e.known, err = e.compile(e.api); err != nil {
		err = fmt.Errorf("%s may use nothing but itself, data and input: %w", apiPackage, err)
	}
	return err
}

// readBuiltin reads rules and tables, not tests.
func readBuiltin(fsys fs.FS) ([]File, error) {
	var files []File
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.rego") {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		files = append(files, File{Path: name, Source: name, Data: data})
		return err
	})
	return files, err
}

// testedStages only look for mistakes. A test does that to the embedded policy;
// at every start it would be half of the time.
var testedStages = []ast.StageID{
	ast.StageCheckTypes, ast.StageCheckRecursion, ast.StageCheckVoidCalls, ast.StageCheckUndefinedFuncs,
	ast.StageCheckRuleConflicts, ast.StageCheckKeywordOverrides, ast.StageCheckUnusedImports,
	ast.StageCheckDuplicateImports, ast.StageCheckUnsafeBuiltins, ast.StageCheckDeprecatedBuiltins,
	ast.StageBuildRequiredCapabilities,
}

// add parses the rules, at the same time, and mounts each data.json at the path
// of its folder.
func (e *Engine) add(files []File) error {
	modules, errs := make([]*ast.Module, len(files)), make([]error, len(files))
	var all sync.WaitGroup
	for i, f := range files {
		if strings.HasSuffix(f.Path, ".rego") {
			all.Go(func() { modules[i], errs[i] = e.parse(f.Path, f.Data) })
		} else if path.Base(f.Path) == "data.json" {
			errs[i] = e.mount(f)
		}
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, m := range modules {
		if m == nil {
			continue
		}
		e.modules[files[i].Path] = m
		if m.Package.Path.HasPrefix(apiRef) {
			e.api[files[i].Path] = m
		}
	}
	return e.fix()
}

// fix makes Rego values of the large tables that no configuration changes, which
// all Sets then share.
func (e *Engine) fix() error {
	guard, _ := e.data["guard"].(map[string]any)
	for _, name := range []string{"elsewhere", "local", "relief", "rules", "stage", "tables", "velocity"} {
		table, there := guard[name]
		if !there {
			continue
		}
		v, err := ast.InterfaceToValue(table)
		if err != nil {
			return fmt.Errorf("data.guard.%s: %w", name, err)
		}
		guard[name] = v
	}
	return nil
}

func (e *Engine) mount(f File) error {
	v, err := parseJSON(f.Data)
	if err == nil {
		err = mount(e.data, strings.Split(path.Dir(f.Path), "/"), v)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	return nil
}

func (e *Engine) parse(name string, data []byte) (*ast.Module, error) {
	m, err := ast.ParseModuleWithOpts(name, string(data), ast.ParserOptions{
		ProcessAnnotation: true,
		RegoVersion:       ast.RegoV1,
		Capabilities:      e.caps,
	})
	if err != nil {
		return nil, problemsOf(err, name)
	}
	return m, nil
}

func (e *Engine) newCompiler() *ast.Compiler {
	return ast.NewCompiler().
		WithCapabilities(e.caps).
		WithSchemas(e.schemas).
		WithStrict(true).
		WithDefaultRegoVersion(ast.RegoV1)
}

func (e *Engine) compile(modules map[string]*ast.Module) (*ast.Compiler, error) {
	return compileWith(e.newCompiler(), modules)
}

func compileWith(c *ast.Compiler, modules map[string]*ast.Module) (*ast.Compiler, error) {
	if c.Compile(modules); c.Failed() {
		return nil, problemsOf(c.Errors, "policy")
	}
	return c, nil
}

// prepare readies a query over compiled modules and data.
func prepare(ctx context.Context, c *ast.Compiler, store storage.Store, query string) (rego.PreparedEvalQuery, error) {
	pq, err := rego.New(
		rego.Compiler(c),
		rego.Store(store),
		rego.Query(query),
		rego.StrictBuiltinErrors(true),
	).PrepareForEval(ctx)
	if err != nil {
		return pq, fmt.Errorf("prepare policy: %w", err)
	}
	return pq, nil
}

// query readies a query over the built-in policy.
func (e *Engine) query(ctx context.Context, store storage.Store, text string) (query, error) {
	pq, err := prepare(ctx, e.compiler, store, text)
	return newQuery(ctx, pq), err
}

// newStore holds tables as Rego values, so that reading them costs nothing.
func newStore(data map[string]any) storage.Store {
	return inmem.NewFromObjectWithOpts(data,
		inmem.OptReturnASTValuesOnRead(true), inmem.OptRoundTripOnWrite(false))
}

var errUndefined = errors.New("the policy gave no answer")

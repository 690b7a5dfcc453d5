package rego

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
)

// fill sets every field of v to something that is not its zero value, two
// elements to each slice.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
				fill(v.Field(i), n)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.String:
		v.SetString(strings.Repeat("x", *n%7+1))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) << 20)
	default:
		panic(v.Kind())
	}
}

// TestWhatIsAddedToAnInputIsInNoOther is about parts that inputs share.
func TestWhatIsAddedToAnInputIsInNoOther(t *testing.T) {
	changed := Input{}.value().(ast.Object)
	changed.Insert(awakeKey, ast.ArrayTerm())
	if other := (Input{}).value().(ast.Object); other.Get(awakeKey) != nil || other.Len() != changed.Len()-1 {
		t.Errorf("another input has it: %v", other)
	}
}

func TestInputIsWhatJSONWouldBe(t *testing.T) {
	var in Input
	fill(reflect.ValueOf(&in).Elem(), new(int))
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	want, err := ast.ValueFromReader(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if got := in.value(); got.Compare(want) != 0 {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestWhatIsMissingInInputIsEmptyOrNull(t *testing.T) {
	got := Input{Cmd: &classify.Facts{Stages: []classify.Stage{{}}}}.value()
	for path, want := range map[string]string{
		`["votes"]`:                       `[]`,
		`["hold"]`:                        `null`,
		`["cmd","names"]`:                 `[]`,
		`["cmd","stages",0,"flags"]`:      `[]`,
		`["cmd","stages",0,"payload"]`:    `null`,
		`["cmd","stages",0,"background"]`: `false`,
		`["session","workspace"]`:         `""`,
		`["now_ns"]`:                      `0`,
	} {
		v, err := got.Find(ast.MustParseTerm("data" + refText(path)).Value.(ast.Ref)[1:])
		if err != nil || v.String() != want {
			t.Errorf("%s: got %v, %v; want %s", path, v, err, want)
		}
	}
}

func refText(path string) string {
	return strings.ReplaceAll(path, ",", "][")
}

// TestSchemaKnowsEveryField takes the schema by the hand through a full input:
// no field may be missing in either.
func TestSchemaKnowsEveryField(t *testing.T) {
	var in Input
	fill(reflect.ValueOf(&in).Elem(), new(int))
	text, _ := json.Marshal(in)
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	sameShape(t, "input", InputSchema(), v)
}

func sameShape(t *testing.T, at string, schema map[string]any, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		properties := schema["properties"].(map[string]any)
		if len(properties) != len(v) || schema["additionalProperties"] != false {
			t.Errorf("%s: schema has %d fields, closed %v; value has %d", at, len(properties), schema["additionalProperties"], len(v))
		}
		for k, e := range v {
			inner, ok := properties[k].(map[string]any)
			if !ok {
				t.Fatalf("%s.%s is not in the schema", at, k)
			}
			sameShape(t, at+"."+k, inner, e)
		}
	case []any:
		sameShape(t, at+"[]", schema["items"].(map[string]any), v[0])
	case string:
		wantType(t, at, schema, "string")
	case bool:
		wantType(t, at, schema, "boolean")
	case float64:
		wantType(t, at, schema, "integer")
	}
}

func wantType(t *testing.T, at string, schema map[string]any, want string) {
	t.Helper()
	if schema["type"] != want {
		t.Errorf("%s: schema says %v, value is %s", at, schema["type"], want)
	}
}

var update = flag.Bool("update", false, "write the files in schema anew")

// TestSchemaFileIsTheSchema keeps the copy that editors and opa check use.
func TestSchemaFileIsTheSchema(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range map[string]map[string]any{"schema/input.json": InputSchema(), "schema/guard.json": e.ConfigSchema()} {
		want, err := json.MarshalIndent(schema, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is out of date (%v); run: go test ./rego -run SchemaFile -update", name, err)
		}
	}
}

func BenchmarkInputValue(b *testing.B) {
	in := command("git", "tee", "true")
	in.Votes = []Vote{{Approver: "ann"}}
	in.Hold = &Hold{Step: proxy.Step{Seconds: 1}}
	b.ReportAllocs()
	for b.Loop() {
		in.value()
	}
}

package rego

import (
	"fmt"
	"reflect"

	"github.com/open-policy-agent/opa/v1/ast"
)

// InputSchema is the JSON schema of Input, made from the Go type so that the
// two cannot drift. Every object is closed: a misspelt field is an error when
// a policy is loaded, not a rule that silently never fires. A field that can
// be null is declared as what it is otherwise; compare such a field with
// is_null or by reading into it.
func InputSchema() map[string]any { return schemaOf(reflect.TypeFor[Input]()) }

func schemaOf(t reflect.Type) map[string]any {
	if t.Implements(textMarshaler) {
		return map[string]any{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Struct:
		properties := map[string]any{}
		for _, f := range jsonFields(t) {
			properties[f.name] = schemaOf(f.typ)
		}
		return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	default:
		panic(fmt.Sprintf("rego: input has a field of type %s, which has no schema", t))
	}
}

// schemas types input in every module.
func schemas() *ast.SchemaSet {
	set := ast.NewSchemaSet()
	set.Put(ast.SchemaRootRef, InputSchema())
	return set
}

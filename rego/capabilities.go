package rego

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// forbidden builtins and what to do instead. The first group makes a decision
// depend on more than revision and input; the second ignores cancellation or
// reaches the network through the back door; none is needed to judge a command.
var forbidden = map[string]string{
	"http.send":          "a decision may not use the network",
	"net.lookup_ip_addr": "a decision may not use the network; compare host names",
	"opa.runtime":        "a decision may not read the environment",
	"rand.intn":          "a decision must be repeatable",
	"uuid.rfc4122":       "a decision must be repeatable",
	"time.now_ns":        "use input.now_ns, so that the decision can be replayed",

	"io.jwt.decode_verify":              "not available",
	"io.jwt.encode_sign":                "not available",
	"io.jwt.encode_sign_raw":            "not available",
	"json.match_schema":                 "not available: a schema can refer to the network",
	"json.verify_schema":                "not available: a schema can refer to the network",
	"providers.aws.sign_req":            "not available",
	"rego.parse_module":                 "not available",
	"graphql.is_valid":                  "not available",
	"graphql.parse":                     "not available",
	"graphql.parse_and_verify":          "not available",
	"graphql.parse_query":               "not available",
	"graphql.parse_schema":              "not available",
	"graphql.schema_is_valid":           "not available",
	"bits.lsh":                          "not available: it cannot be cancelled; multiply instead",
	"strings.render_template":           "not available: it cannot be cancelled; use sprintf",
	"trace":                             "use print and guard explain --trace",
	"internal.test_case":                "not available",
	"crypto.x509.parse_keypair":         "not available",
	"crypto.parse_private_keys":         "not available",
	"crypto.x509.parse_rsa_private_key": "not available",
}

// capabilities is what policies may use: no clock, network, randomness or
// environment, so that a decision is a function of revision and input.
func capabilities() *ast.Capabilities {
	caps := ast.CapabilitiesForThisVersion()
	caps.Builtins = slices.DeleteFunc(slices.Clone(caps.Builtins), func(b *ast.Builtin) bool {
		_, bad := forbidden[b.Name]
		return b.IsDeprecated() || bad
	})
	caps.Features = []string{ast.FeatureRegoV1}
	caps.FutureKeywords = nil
	caps.AllowNet = []string{}
	return caps
}

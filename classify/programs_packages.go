package classify

// packagePrograms are the package managers and what projects run through them.
var packagePrograms = map[string]*spec{
	"uv":     {subs: true, nests: "pip tool cache python self", ops: "-", long: "index-url= extra-index-url= default-index= index= find-links= python= with= from= extra= group= requirement= constraint= project= directory= upgrade system dry-run quiet verbose"},
	"rimraf": {ops: "delete"},
}

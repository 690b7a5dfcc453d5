package classify

// packagePrograms are the package managers and what projects run through them.
var packagePrograms = map[string]*spec{
	"uv":         {subs: true, nests: "pip tool cache python self", ops: "-", long: "index-url= extra-index-url= default-index= index= find-links= python= with= from= extra= group= requirement= constraint= project= directory= upgrade system dry-run quiet verbose"},
	"conda":      {subs: true, nests: "env config", short: "ncpf", ops: "-", long: "name= channel= prefix= file= override-channels yes all json dry-run solver="},
	"mamba":      {subs: true, nests: "env config", short: "ncpf", ops: "-", long: "name= channel= prefix= file= override-channels yes all json dry-run"},
	"micromamba": {subs: true, nests: "env config", short: "ncpf", ops: "-", long: "name= channel= prefix= file= override-channels yes all json dry-run"},
	"rimraf":     {ops: "delete"},
}

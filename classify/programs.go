package classify

// families are the tables that say how programs read their words, one for each
// family. A program in none of them is read as GNU programs are, and its
// operands name files if they look like it. A subcommand's own rules stand
// under "program subcommand".
var families = []map[string]*spec{filePrograms, textPrograms, systemPrograms, gitPrograms, cloudPrograms, netPrograms, buildPrograms, packagePrograms}

// lookupSpec returns the rules of a program or subcommand, nil if there are none.
func lookupSpec(name string) *spec {
	for _, f := range families {
		if s := f[name]; s != nil {
			return s
		}
	}
	return nil
}

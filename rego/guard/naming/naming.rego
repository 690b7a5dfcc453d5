# METADATA
# title: What names say
# description: |
#   Hosts, branches, databases, files and environments are named by people, and
#   only such a name says that something is production, or only for tests. Each
#   question about that has one pattern, here; a name that says nothing gives no
#   relief.
package guard.naming

# METADATA
# title: Production
# description: A name with such a word in it.
production(name) if regex.match(`(?i)(^|[^a-z])(prod|prd|production)([^a-z]|$)`, name)

# METADATA
# title: Only for tests
# description: A name with such a word in it, of a database, a container or a file.
tests(name) if regex.match(`(?i)(^|[^a-z])(test|tests|testing|e2e|ci|spec|scratch|sandbox|throwaway|tmp|temp)([^a-z]|$)`, name)

# METADATA
# title: Not yet production
# description: A server for trying things out, by its name.
trial(name) if regex.match(`(?i)(^|[^a-z])(dev|test|staging|stage|stg|preview|sandbox|qa|ci)([^a-z]|$)`, name)

# METADATA
# title: Made up
# description: A file of examples or for tests, by its path.
sample(path) if regex.match(`(?i)(^|[._/-])(tests?|testing|test_?data|tmp|temp|fixtures?|mocks?|examples?|samples?|demo|spec|scratch|cache)([._/-]|\d|$)`, path)

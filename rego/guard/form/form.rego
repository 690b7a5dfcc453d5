# METADATA
# title: Forms of words
# description: |
#   Whether a word is one that a table knows. A table has words, or what they
#   start or end with, or what they hold somewhere; folded are words in small
#   letters that may be written in any. Patterns are for free text: see naming.
package guard.form

# METADATA
# title: A word of a table
# description: One way is enough.
fits(word, table) if table.words[word]

fits(word, table) if table.folded[lower(word)]

fits(word, table) if strings.any_prefix_match(word, table.starts)

fits(word, table) if strings.any_suffix_match(word, table.ends)

fits(word, table) if {
	some part in table.holds
	contains(word, part)
}

# METADATA
# title: Made of certain letters
# description: Of nothing else, and not empty.
made_of(word, letters) if {
	word != ""
	trim(word, letters) == ""
}

# METADATA
# title: A number
# description: Nothing but digits.
number(word) if made_of(word, "0123456789")

# METADATA
# title: Letters and digits
# description: Those of ASCII.
alphanumeric := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

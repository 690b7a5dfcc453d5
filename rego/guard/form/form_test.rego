package guard.form_test

import data.guard.form

_table := {"words": {"drop": true}, "folded": {"purge": true}, "starts": ["rm-"], "ends": ["-now"], "holds": ["wipe"]}

test_a_word_fits_in_one_of_the_ways if {
	every word in ["drop", "PURGE", "rm-all", "all-now", "xwipex"] {
		form.fits(word, _table)
	}
}

test_other_words_do_not_fit if {
	every word in ["", "DROP", "drops", "purged", "arm-all", "now"] {
		not form.fits(word, _table)
	}
}

test_nothing_fits_where_there_is_no_table if not form.fits("drop", {})

test_made_of_is_about_every_letter if {
	form.made_of("ugo", "ugoa")
	not form.made_of("u+o", "ugoa")
	not form.made_of("", "ugoa")
	form.number("0123")
	not form.number("12a3")
}

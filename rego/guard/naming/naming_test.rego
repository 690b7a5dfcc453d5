package guard.naming_test

import data.guard.naming

test_a_word_of_the_name_says_it if {
	every name in ["prod", "db-prod-1", "PROD.example.com", "--env=production", "app_prd"] {
		naming.production(name)
	}
	every name in ["app_test", "ci", "e2e-db", "TestDB/tmp"] {
		naming.tests(name)
	}
	naming.trial("db.staging.example.com")
	naming.sample("fixtures/users1.json")
	naming.sample("test_data.csv")
}

test_part_of_a_word_says_nothing if {
	every name in ["product", "reproduce", "productions"] {
		not naming.production(name)
	}
	every name in ["latest", "contest", "cia", ""] {
		not naming.tests(name)
	}
	not naming.trial("device.example.com")
	not naming.sample("src/users.json")
}

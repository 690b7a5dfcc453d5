package guard.loopback_test

import data.guard.loopback

test_addresses_of_this_machine if {
	every text in ["localhost", "http://localhost:4566", "https://127.0.0.1/x", "[::1]:80", "postgres://u:p@localhost:5432/app", "http://localhost?x=1"] {
		loopback.address(text)
	}
}

test_addresses_elsewhere if {
	every text in ["", "http://localhost.example.com/", "http://localhost@example.com/", "http://u@example.com/localhost", "http://10.0.0.1", "example.com/localhost"] {
		not loopback.address(text)
	}
}

test_names_of_this_machine if {
	loopback.name("localhost")
	loopback.name("127.0.0.53")
	not loopback.name("127.evil.example")
	not loopback.name("localhost.example.com")
}

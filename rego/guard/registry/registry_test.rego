package guard.registry_test

import data.guard.registry

test_names_without_their_versions if {
	registry.name("vite") == "vite"
	registry.name("vite@5.1.0") == "vite"
	registry.name("@scope/tool@latest") == "@scope/tool"
	registry.name("black==24.1") == "black"
}

test_addresses_have_no_name if {
	every word in ["", "@", "https://x.example/t.tgz", "user/repository", "tool@https://x.example", "github:a/b", "a@1@2", "./folder"] {
		not registry.name(word)
	}
}

test_scaffolders_by_their_names if {
	every word in ["create-vite", "create-vite@latest", "@scope/create", "@scope/create-app@1"] {
		registry.scaffolder(word)
	}
	every word in ["created", "recreate-x", "create-x@https://x.example", "create-$X", "x"] {
		not registry.scaffolder(word)
	}
}

test_versions_and_repositories if {
	registry.versioned("tool@1")
	registry.versioned("@scope/tool@1")
	not registry.versioned("@scope/tool")
	not registry.versioned("tool")
	registry.repository("user/repository")
	not registry.repository("@scope/tool")
	not registry.repository("./folder")
	not registry.repository("user/")
}

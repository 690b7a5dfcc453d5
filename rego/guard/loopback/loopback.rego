# METADATA
# title: This machine
# description: |
#   Whether a name or an address is that of this machine. Most stages have what
#   they reach in their hosts; this is for words that are no peer of the program
#   itself: endpoints in options and variables, registries, remotes.
package guard.loopback

import data.guard.form

# METADATA
# title: An address of this machine
# description: With or without a scheme, a user, a port and a path.
address(text) if regex.match(`^([a-z0-9+]+://([^@/]*@)?)?(localhost|127\.[0-9.]+|\[::1\])(:[0-9]*)?([/?#]|$)`, text)

# METADATA
# title: A name of this machine
# description: Without a port.
name(word) if word in {"localhost", "::1", "[::1]"}

name(word) if {
	startswith(word, "127.")
	form.made_of(word, "0123456789.")
}

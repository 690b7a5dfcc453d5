# METADATA
# title: Payments
# description: |
#   Money that moves, and contracts that are put where nobody can take them
#   back. Test networks and test modes are for trying; where a program's own
#   default is one, its real network has to be named.
package guard.rules.pay

import data.guard.form
import data.guard.stage

# METADATA
# title: Acts on a real blockchain
# description: A transaction there cannot be taken back, and is paid for.
# custom:
#   id: pay.chain
#   remedy: try it on a local or test network, and let a person send it
#   fires: cast send 0xbeef --value 2ether --rpc-url https://mainnet.example/v3/key
#   quiet: cast send 0xbeef --value 2ether --rpc-url http://localhost:8545
hit contains {"id": "pay.chain", "tier": 4, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	tool := data.guard.rules.pay.chains[s.name]
	not stage.help(s)
	not stage.dry(s)
	_acts(s, tool)
	_real(s, tool)
	msg := sprintf("acts on a blockchain: %s", [stage.line(s)])
}

# METADATA
# title: Hands out the key of a wallet
# description: Who has the key has the money.
# custom:
#   id: pay.key
#   remedy: leave the signing to a person with the wallet
#   fires: bitcoin-cli dumpprivkey bc1qexample
#   quiet: bitcoin-cli getbalance
hit contains {"id": "pay.key", "tier": 4, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	tool := data.guard.rules.pay.chains[s.name]
	some words in tool.keys
	_told(s, words)
	msg := sprintf("hands out the key of a wallet: %s", [stage.line(s)])
}

# METADATA
# title: Changes real payments
# description: With live keys, charges, refunds and payouts move customers' money.
# custom:
#   id: pay.live
#   remedy: leave out --live; the test mode is for trying
#   fires: stripe refunds create --charge=ch_1 --live
#   quiet: stripe refunds create --charge=ch_1
hit contains {"id": "pay.live", "tier": 4, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "stripe"
	_live(s)
	some word in s.operands
	data.guard.rules.pay.changing[word]
	not stage.help(s)
	msg := sprintf("changes real payments: %s", [stage.line(s)])
}

_live(s) if "live" in s.flags

_live(s) if {
	some word in s.args
	contains(word, "_live_")
}

_live(s) if {
	some v in s.env
	v.name == "STRIPE_API_KEY"
	not startswith(v.value, "sk_test_")
}

_acts(s, tool) if {
	some words in tool.acts
	_told(s, words)
}

_acts(s, tool) if {
	some flag in tool.flags
	flag in s.flags
}

# The words stand one after the other among the first ones.
_told(s, words) if {
	all := array.slice(array.concat([s.sub], s.operands), 0, 6)
	want := split(words, " ")
	some i, _ in all
	array.slice(all, i, i + count(want)) == want
}

# A network that is named and is not for tests; where none is, the program's own.
_real(s, _) if {
	some name in _networks(s)
	not _test(name)
}

_real(s, tool) if {
	tool.real == true
	count(_networks(s)) == 0
	not _test_flag(s)
}

_networks(s) := array.concat(
	[value |
		some i, word in s.args
		parts := split(word, "=")
		data.guard.rules.pay.options[parts[0]]
		value := array.concat(array.slice(parts, 1, 2), array.slice(s.args, i + 1, i + 2))[0]
	],
	[v.value | some v in s.env; v.name in {"ETH_RPC_URL", "NEAR_ENV", "HARDHAT_NETWORK", "SOLANA_URL", "ANCHOR_PROVIDER_URL"}],
)

_test_flag(s) if {
	some flag in s.flags
	_test(flag)
}

_test(name) if form.fits(lower(name), data.guard.rules.pay.tests)

package guard.rules.pay_test

import data.guard.fixture

_cast(more) := fixture.args("cast", array.concat(["send", "0xbeef", "--value", "2ether"], more))

test_chain if {
	"pay.chain" in fixture.ids(_cast(["--rpc-url", "https://mainnet.example/v3/key"]))
	"pay.chain" in fixture.ids(_cast(["--rpc-url=https://mainnet.example"]))
	"pay.chain" in fixture.ids([{"name": "cast", "args": ["send"], "operands": ["send"], "env": [{"name": "ETH_RPC_URL", "value": "https://mainnet.example", "literal": true}]}])
	"pay.chain" in fixture.ids(fixture.args("solana", ["transfer", "9xQe", "25"]))
	"pay.chain" in fixture.ids(fixture.args("hardhat", ["run", "scripts/deploy.ts", "--network", "mainnet"]))
	"pay.chain" in fixture.ids([{"name": "forge", "operands": ["script", "x"], "args": ["script", "x", "--rpc-url", "$MAINNET"], "flags": ["broadcast"]}])
}

test_test_network if {
	every stages in [
		_cast([]), _cast(["--rpc-url", "http://localhost:8545"]), fixture.args("solana", ["transfer", "9xQe", "25", "--url", "devnet"]),
		fixture.args("hardhat", ["run", "scripts/deploy.ts"]), fixture.args("near", ["deploy", "x", "--networkId", "testnet"]),
		[{"name": "bitcoin-cli", "operands": ["sendtoaddress"], "args": ["-regtest", "sendtoaddress"], "flags": ["regtest"]}],
		[{"name": "forge", "operands": ["script", "x"], "args": ["script", "x", "--rpc-url", "https://mainnet.example"]}],
		fixture.args("cast", ["call", "0xbeef", "--rpc-url", "https://mainnet.example"]),
	] {
		not "pay.chain" in fixture.ids(stages)
	}
}

test_key if {
	"pay.key" in fixture.ids(fixture.args("bitcoin-cli", ["dumpprivkey", "bc1qexample"]))
	not "pay.key" in fixture.ids(fixture.args("bitcoin-cli", ["getbalance"]))
}

test_live if {
	"pay.live" in fixture.ids([{"name": "stripe", "operands": ["refunds", "create"], "flags": ["live", "charge"]}])
	"pay.live" in fixture.ids([{"name": "stripe", "operands": ["refunds", "create"], "args": ["--api-key", "sk_live_x"]}])
	not "pay.live" in fixture.ids([{"name": "stripe", "operands": ["refunds", "create"]}])
	not "pay.live" in fixture.ids([{"name": "stripe", "operands": ["charges", "list"], "flags": ["live"]}])
}

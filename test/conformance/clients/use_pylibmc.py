"""Every command of pylibmc over the text protocol. The expected results are in python.test.ts."""

import pylibmc
from results import LARGE, ODD, PORT, debugtime, failing, finish, record

client = pylibmc.Client(["127.0.0.1:%d" % PORT], binary=False, behaviors={"cas": True, "tcp_nodelay": True})

record("set", [client.set("a", b"1"), client.get("a"), client.get("missing"), client.get("missing", "default")])
record("types", [client.set("i", 42), client.get("i"), client.set("l", [1, "two"]), client.get("l"),
                 client.set("t", "\u00fc"), client.get("t"), client.set("o", True), client.get("o")])
record("add", [client.add("a", b"2"), client.add("b", b"2")])
record("replace", [client.replace("a", b"3"), client.replace("missing", b"3")])
record("append", [client.append("a", b"4"), client.append("missing", b"4")])
record("prepend", [client.prepend("a", b"2"), client.prepend("missing", b"2"), client.get("a")])
value, token = client.gets("a")
record("gets", [value, token > 0, client.gets("missing")])
record("cas", [client.cas("a", b"5", token), client.cas("a", b"6", token), client.get("a")])
record("cas missing", failing(client.cas, "missing", b"6", token))
record("incr", [client.set("n", 10), client.incr("n"), client.incr("n", 5), client.decr("n"), client.decr("n", 100)])
record("incr missing", [failing(client.incr, "missing"), failing(client.decr, "missing")])
record("incr_multi", [client.set("n2", 1), client.incr_multi(["n", "n2"], delta=3), client.get_multi(["n", "n2"])])
record("delete", [client.delete("a"), client.delete("a"), client.get("a")])
record("set_multi", client.set_multi({"m1": b"1", "m2": ODD}, time=100, key_prefix="p:"))
record("add_multi", client.add_multi({"p:m1": b"x", "p:m3": b"3"}))
record("get_multi", client.get_multi(["m1", "m2", "m3", "m4"], key_prefix="p:"))
record("delete_multi", [client.delete_multi(["m1", "m2", "m4"], key_prefix="p:"), client.get_multi(["m1", "m3"], key_prefix="p:")])
record("large", [client.set("large", LARGE), client.get("large") == LARGE])
record("too large", [failing(client.set, "large", LARGE * 2), client.get("b")])
record("compressed", [client.set("z", b"x" * 500000, min_compress_len=1), client.get("z") == b"x" * 500000])
record("odd bytes", [client.set("odd", ODD), client.get("odd") == ODD])
record("keys", [client.set("k" * 250, b"x"), client.get("k" * 250), failing(client.set, "k" * 251, b"x")])

record("expiry", [client.set("e", b"1", time=100), client.set("t", b"1", time=100)])
debugtime(50)
record("touch", [client.get("e"), client.touch("t", 500), client.touch("missing", 500)])
debugtime(51)
record("expired", [client.get("e"), client.get("t")])

[(server, statistics)] = client.get_stats()
record("get_stats", [int(plain) >= 0 for plain in (statistics["pid"], statistics["curr_items"], statistics["cmd_get"])])

for name, behaviors in {
    "noreply": {"_noreply": True}, "buffered": {"buffer_requests": True}, "no blocking": {"no_block": True},
}.items():
    try:
        other = pylibmc.Client(["127.0.0.1:%d" % PORT], binary=False, behaviors=behaviors)
    except Exception:  # older versions lack some
        record(name, [b"x"] * 3)
        continue
    for number in range(50):
        # The library raises an error when a request is only buffered.
        failing(other.set, "q%d" % number, b"x")
    other.get("q0")
    record(name, [other.get(key) for key in ("q0", "q25", "q49")])
    other.disconnect_all()
    client.delete_multi(["q%d" % number for number in range(50)])

clone = client.clone()
record("clone", clone.get("b"))
record("flush_all", [client.flush_all(), client.get("b")])
client.disconnect_all()
finish()

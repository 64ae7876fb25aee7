"""Every command of pymemcache, each at least once. The expected results are in python.test.ts."""

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheUnknownCommandError
from results import LARGE, ODD, PORT, debugtime, failing, finish, record

client = Client(("127.0.0.1", PORT), default_noreply=False, timeout=20, connect_timeout=20)

record("set", client.set("a", "1"))
record("get", client.get("a"))
record("get missing", client.get("missing", "default"))
record("set with flags", client.set("flags", b"x", flags=4294967295))
record("add", [client.add("a", "2"), client.add("b", "2")])
record("replace", [client.replace("a", "3"), client.replace("missing", "3")])
record("append", [client.append("a", "4"), client.append("missing", "4")])
record("prepend", [client.prepend("a", "2"), client.prepend("missing", "2")])
record("get joined", client.get("a"))

value, token = client.gets("a")
record("gets", [value, token.isdigit()])
record("gets missing", client.gets("missing"))
record("cas", [client.cas("a", "5", token), client.cas("a", "6", token), client.cas("missing", "6", token)])
record("get after cas", client.get("a"))
many = client.gets_many(["a", "b", "missing"])
record("gets_many", {key: [value, token.isdigit()] for key, (value, token) in many.items()})

record("set_many", client.set_many({"m1": b"1", "m2": b"2", "m3": ODD}))
record("set_multi", client.set_multi({"m4": b""}))
record("get_many", client.get_many(["m1", "m2", "m3", "m4", "missing"]))
record("get_multi", client.get_multi(["m1"]))
record("delete_many", client.delete_many(["m1", "m2"]))
record("delete_multi", client.delete_multi(["m3", "missing"]))
record("get_many after delete", client.get_many(["m1", "m2", "m3", "m4"]))

client.set("n", "18446744073709551610")
record("incr", [str(client.incr("n", 5)), client.incr("n", 1), client.incr("missing", 1)])
record("decr", [client.decr("n", 5), client.decr("missing", 1)])
record("incr of text", failing(client.incr, "flags", 1))
record("delete", [client.delete("n"), client.delete("n")])

record("noreply", [
    client.set("q", "1", noreply=True), client.add("q", "2", noreply=True), client.replace("q", "3", noreply=True),
    client.append("q", "4", noreply=True), client.prepend("q", "2", noreply=True), client.incr("q", 1, noreply=True),
    client.decr("q", 2, noreply=True), client.touch("q", 0, noreply=True), client.get("q"),
])
record("noreply cas", [client.cas("q", "5", client.gets("q")[1], noreply=True), client.get("q")])
record("noreply many", [
    client.set_many({"q1": "1", "q2": "2"}, noreply=True), client.get_many(["q1", "q2"]),
    client.delete_many(["q1", "q2"], noreply=True), client.get_many(["q1", "q2"]),
])
record("noreply delete", [client.delete("q", noreply=True), client.get("q")])

record("large", [client.set("large", LARGE), client.get("large") == LARGE])
record("too large", [failing(client.set, "large", LARGE * 2), client.get("large"), client.get("b")])
record("odd bytes", [client.set("odd", ODD), client.get("odd") == ODD])
record("empty", [client.set("empty", ""), client.get("empty")])
record("keys", [client.set("k" * 250, "x"), client.get("k" * 250), failing(client.set, "k" * 251, "x")])

record("set with expiry", [client.set("e", "1", expire=100), client.set("t", "1", expire=100)])
debugtime(50)
record("touch", [client.get("e"), client.touch("t", 500), client.touch("missing", 500)])
debugtime(51)
record("expired", [client.get("e"), client.get("t")])
record("expired at once", [client.set("p", "1", expire=-1), client.get("p")])
record("absolute expiry", [client.set("p", "1", expire=2000000000), client.get("p"),
                           client.set("p", "1", expire=2592001), client.get("p")])

statistics = client.stats()
record("stats", [statistics[b"pid"] > 0, isinstance(statistics[b"curr_items"], int), statistics[b"cmd_flush"]])
record("stats settings", client.stats("settings")[b"maxbytes"])
record("stats items", isinstance(client.stats("items"), dict))
record("stats sizes", isinstance(client.stats("sizes"), dict))
record("stats reset", [failing(client.stats, "reset"), client.stats()[b"get_hits"]])
record("version", len(client.version()) > 0)
record("cache_memlimit", failing(client.cache_memlimit, 64))

record("flush_all with delay", [client.flush_all(100), client.get("b")])
debugtime(101)
record("flushed after delay", client.get("b"))
client.set("b", "1")
record("flush_all", [client.flush_all(), client.get("b")])
client.set("b", "1")
record("noreply flush_all", [client.flush_all(noreply=True), client.get("b")])
record("quit", [client.quit(), client.set("b", "2"), client.get("b")])
record("shutdown", failing(client.shutdown))
record("served afterwards", client.get("b"))
client.close()
client.disconnect_all()
finish()

"""Every command of python-binary-memcached. The expected results are in clients.test.ts."""

import bmemcached
from results import LARGE, ODD, PORT, finish, record

client = bmemcached.Client(("127.0.0.1:%d" % PORT,))

record("set", [client.set("a", "1"), client.get("a"), client.get("missing")])
record("add", [client.add("a", "2"), client.add("b", "2")])
record("replace", [client.replace("a", "3"), client.replace("missing", "3")])
record("incr", [client.incr("n", 1, default=11), client.incr("n", 5), client.decr("n", 100)])
record("delete", [client.delete("n"), client.get("n")])
record("multi", [client.set_multi({"m1": "1", "m2": "2"}), client.get_multi(["m1", "m2", "m3"])])
value, token = client.gets("b")
record("cas", [value, client.cas("b", "5", token), client.cas("b", "6", token), client.get("b")])
record("large", [client.set("large", LARGE[:1000000]), client.get("large") == LARGE[:1000000]])
record("odd", [client.set("odd", ODD), client.get("odd") == ODD])
record("types", [client.set("t", [1, {"two": 2}]), client.get("t")])
record("delete_multi", client.delete_multi(["m1", "m2"]))
record("stats", [int(list(client.stats().values())[0]["curr_items"]) > 0, len(list(client.stats("settings").values())[0]) > 10])
record("flush", [client.flush_all(), client.get("a")])
client.disconnect_all()
finish()

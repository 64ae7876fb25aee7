# Calls the worked examples through a Python client: the library's name and the port are the arguments, the examples come as JSON on
# standard input, what was answered goes to standard output. Run by object-clients.test.ts.

import json
import sys

library, port = sys.argv[1], int(sys.argv[2])

if library == "pymemcache":
    from pymemcache.client.base import Client

    client = Client(("127.0.0.1", port), default_noreply=False)
else:
    import pylibmc

    client = pylibmc.Client(["127.0.0.1:%d" % port])


def text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def store(key, block):
    try:
        return client.set(key, block) is True
    # NOT_FOUND to a set is an exception of either library.
    except Exception as error:
        if type(error).__name__ not in ("NotFound", "MemcacheUnknownError"):
            raise
        return False


examples = json.load(sys.stdin)
answers = [text(client.get(key)) for key in examples["gets"]]
many = client.get_many(examples["many"]) if library == "pymemcache" else client.get_multi(examples["many"])
stored = [store(key, block) for key, block in examples["sets"]]
after = [text(client.get(key)) for key in examples["after"]]
json.dump({"answers": answers, "many": {key: text(value) for key, value in many.items()}, "stored": stored, "after": after}, sys.stdout)

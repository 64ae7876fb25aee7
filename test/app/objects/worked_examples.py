# Calls the worked examples through a Python client: the library's name and the port are the arguments, the examples come as JSON on
# standard input, the replies go to standard output. Run by object-clients.test.ts.

import json
import sys

library, port = sys.argv[1], int(sys.argv[2])

if library == "pymemcache":
    from pymemcache.client.base import Client

    client = Client(("127.0.0.1", port), default_noreply=False)
elif library == "bmemcached":
    import bmemcached

    client = bmemcached.Client(("127.0.0.1:%d" % port,))
else:
    import pylibmc

    client = pylibmc.Client(["127.0.0.1:%d" % port], binary=library == "pylibmc, binary")


def text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def store(key, block):
    try:
        return client.set(key, block) is True
    # Each library raises its own exception for a set that gets NOT_FOUND.
    except Exception as error:
        if type(error).__name__ not in ("NotFound", "MemcacheUnknownError", "MemcachedException"):
            raise
        return False


examples = json.load(sys.stdin)
answers = [text(client.get(key)) for key in examples["gets"]]
many = client.get_many(examples["many"]) if library == "pymemcache" else client.get_multi(examples["many"])
stored = [store(key, block) for key, block in examples["sets"]]
after = [text(client.get(key)) for key in examples["after"]]
for key in examples["failing"]:
    try:
        client.get(key)
    except Exception:  # each library has its own class
        pass
# Text clients get the error in place of all values.
failed = client.get_multi(examples["among"]) if library in ("bmemcached", "pylibmc, binary") else {}
later = [text(client.get(key)) for key in examples["after"]]
json.dump({"answers": answers, "many": {key: text(value) for key, value in many.items()}, "stored": stored, "after": after, "failed": {key: text(value) for key, value in failed.items()}, "later": later}, sys.stdout)

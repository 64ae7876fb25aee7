"""Python clients that log in, each in its own way. Arguments: port, client, password. The expected results are in logins.test.ts."""

import sys

from results import PORT, finish, record

ADDRESS = "127.0.0.1"
USER = "ann"
_, _, NAME, PASSWORD = sys.argv


def bmemcached():
    import bmemcached as module

    return module.Client(("%s:%d" % (ADDRESS, PORT),), USER, PASSWORD)


def pylibmc():
    import pylibmc as module

    return module.Client(["%s:%d" % (ADDRESS, PORT)], binary=True, username=USER, password=PASSWORD)


def pymemcache():
    from pymemcache.client.base import Client

    client = Client((ADDRESS, PORT), default_noreply=False)
    # Such a login always gets a reply, as from memcached.
    client.set("login", "%s %s" % (USER, PASSWORD), noreply=False)
    return client


def use(client):
    stored = client.set("a", "1")
    return [stored, client.get("a"), client.get("missing")]


try:
    record("result", use({"bmemcached": bmemcached, "pylibmc": pylibmc, "pymemcache": pymemcache}[NAME]()))
except Exception as error:  # any kind is a result
    record("result", "refused: " + type(error).__name__)
finish()

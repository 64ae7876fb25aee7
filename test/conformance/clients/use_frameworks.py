"""Django's caches, Flask-Caching, Flask-Limiter and dogpile.cache on memcached. The second argument names which; results are compared
in clients.test.ts."""

import sys

from results import PORT, failing, finish, record

WHICH = sys.argv[2]
SERVER = "127.0.0.1:%d" % PORT


def django(backend):
    from django.conf import settings

    settings.configure(CACHES={"default": {"BACKEND": "django.core.cache.backends.memcached." + backend, "LOCATION": SERVER}})
    from django.core.cache import cache

    record("set", [cache.set("a", [1, "two"]), cache.get("a"), cache.get("missing", "default")])
    record("never", [cache.set("forever", 1, timeout=None), cache.get("forever"), cache.set("now", 1, timeout=0), cache.get("now")])
    record("add", [bool(cache.add("a", 2)), bool(cache.add("b", 2))])
    record("get_or_set", [cache.get_or_set("g", "made"), cache.get_or_set("g", "again")])
    record("many", [cache.set_many({"m1": 1, "m2": 2}), cache.get_many(["m1", "m2", "m3"])])
    record("incr", [cache.set("n", 10), cache.incr("n"), cache.incr("n", 5), cache.decr("n"), failing(cache.incr, "missing")])
    record("touch", [bool(cache.touch("a", 100)), bool(cache.touch("missing", 100))])
    record("delete", [bool(cache.delete("a")), cache.get("a"), cache.delete_many(["m1", "m2"])])
    record("version", [cache.set("v", 1, version=2), cache.get("v"), cache.get("v", version=2)])
    record("clear", [cache.clear(), cache.get("b")])


def flask_caching():
    from flask import Flask
    from flask_caching import Cache

    app = Flask("test")
    cache = Cache(app, config={"CACHE_TYPE": "MemcachedCache", "CACHE_MEMCACHED_SERVERS": [SERVER], "CACHE_KEY_PREFIX": "flask:"})
    calls = []

    @cache.memoize(60)
    def double(number):
        calls.append(number)
        return number * 2

    with app.app_context():
        record("set", [bool(cache.set("a", {"b": 1})), cache.get("a"), cache.get("missing")])
        record("memoize", [double(2), double(2), len(calls)])
        cache.delete_memoized(double)
        record("forgotten", [double(2), len(calls)])
        record("many", [len(cache.set_many({"m1": 1, "m2": 2}) or []) >= 0, cache.get_many("m1", "m2", "m3")])
        record("add", [bool(cache.add("a", 2)), bool(cache.add("b", 2))])
        record("delete", [bool(cache.delete("a")), cache.get("a")])
        record("clear", [bool(cache.clear()), cache.get("b")])


def flask_limiter():
    from flask import Flask
    from flask_limiter import Limiter
    from flask_limiter.util import get_remote_address

    app = Flask("test")
    Limiter(get_remote_address, app=app, storage_uri="memcached://" + SERVER, default_limits=["3 per hour"], headers_enabled=True)
    app.route("/")(lambda: "ok")
    client = app.test_client()
    replies = [client.get("/") for _ in range(5)]
    record("status", [reply.status_code for reply in replies])
    record("remaining", [reply.headers["X-RateLimit-Remaining"] for reply in replies])


def dogpile(backend):
    from dogpile.cache import make_region

    arguments = {"url": SERVER, "distributed_lock": True, "lock_timeout": 30}
    region = make_region().configure("dogpile.cache." + backend, expiration_time=60, arguments=arguments)
    calls = []

    def create():
        calls.append(1)
        return {"made": len(calls)}

    record("get_or_create", [region.get_or_create("a", create), region.get_or_create("a", create), len(calls)])
    region.set_multi({"m1": 1, "m2": 2})
    record("multi", region.get_multi(["m1", "m2"]))
    region.delete("a")
    record("delete", region.get_or_create("a", create))
    region.delete_multi(["m1", "m2"])
    mutex = region.actual_backend.get_mutex("lock")
    record("lock", [bool(mutex.acquire(False)), bool(mutex.acquire(False)), mutex.release(), bool(mutex.acquire(False))])


if WHICH.startswith("django:"):
    django(WHICH[7:])
elif WHICH.startswith("dogpile:"):
    dogpile(WHICH[8:])
else:
    {"flask_caching": flask_caching, "flask_limiter": flask_limiter}[WHICH]()
finish()

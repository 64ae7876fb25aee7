"""Collects the results of a client's calls and prints them as JSON. Not a test."""

import json
import socket
import sys

PORT = int(sys.argv[1])
LARGE = bytes(range(256)) * 4095
ODD = bytes(range(256)) + b"\r\nEND\r\nVALUE a 0 1\r\n\0"

_results = {}


def plain(value):
    """Converts a value to JSON: bytes become text of the same characters, tuples become lists."""
    if isinstance(value, bytes):
        return value.decode("latin1")
    if isinstance(value, dict):
        return {plain(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


def record(name, value):
    if name in _results:
        raise ValueError("recorded twice: " + name)
    _results[name] = plain(value)


def failing(call, *arguments, **named):
    """The name of the error that a call raises."""
    try:
        call(*arguments, **named)
    except Exception as error:  # any kind is a result
        return type(error).__name__
    return None


def debugtime(seconds):
    """Moves the server's clock, since no client has a call for that."""
    with socket.create_connection(("127.0.0.1", PORT), 10) as connection:
        connection.sendall(b"debugtime %d\r\n" % seconds)
        if connection.recv(100) != b"OK\r\n":
            raise RuntimeError("debugtime was refused")


def finish():
    json.dump(_results, sys.stdout)
